import type { ByteShare } from './byte-budget.ts';

/**
 * Copies chunks into one buffer. The chunks are not kept: a chunk of one byte can keep the 64 KB alive that it was
 * read with, or cost a hundred times its size in objects.
 */
export class GrowingBytes {
  readonly #share: Pick<ByteShare, 'take'>;
  readonly #expectedBytes: number;
  #buffer: Buffer;
  #length = 0;

  /**
   * @param expectedBytes the buffer does not grow beyond this before that many bytes were received
   * @param buffer one to begin with, which the share holds already
   */
  constructor(
    share: Pick<ByteShare, 'take'>,
    expectedBytes: number,
    buffer: Buffer = Buffer.alloc(0),
  ) {
    this.#share = share;
    this.#expectedBytes = expectedBytes;
    this.#buffer = buffer;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** All that it has taken from the share. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Returns false, and copies nothing, if there is no room for the chunk. */
  add(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const doubled = Math.min(2 * this.#buffer.length, this.#expectedBytes);
      const capacity = Math.max(length, doubled);
      if (!this.#share.take(capacity - this.#buffer.length)) return false;
      const larger = Buffer.allocUnsafeSlow(capacity);
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
    return true;
  }
}
