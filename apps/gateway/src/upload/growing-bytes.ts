import type { ByteShare } from './byte-budget.ts';

/**
 * Bytes that come in chunks, copied into one piece. Chunks are not kept: a chunk of one byte can hold on to the
 * 64 KB that it was read with, or cost a hundred times its size in objects.
 */
export class GrowingBytes {
  readonly #share: Pick<ByteShare, 'take'>;
  readonly #expectedBytes: number;
  #piece = Buffer.alloc(0);
  #length = 0;

  /** @param expectedBytes no more memory than this is taken before that many bytes have come */
  constructor(share: Pick<ByteShare, 'take'>, expectedBytes: number) {
    this.#share = share;
    this.#expectedBytes = expectedBytes;
  }

  get bytes(): Uint8Array {
    return this.#piece.subarray(0, this.#length);
  }

  /** Returns false, and takes nothing, if there is no room for the chunk. */
  add(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#piece.length) {
      const doubled = Math.min(2 * this.#piece.length, this.#expectedBytes);
      const capacity = Math.max(length, doubled);
      if (!this.#share.take(capacity - this.#piece.length)) return false;
      const larger = Buffer.allocUnsafeSlow(capacity);
      larger.set(this.bytes);
      this.#piece = larger;
    }
    this.#piece.set(chunk, this.#length);
    this.#length = length;
    return true;
  }
}
