/**
 * Counts the pixels in the LZW data of a frame. libnsgif reports no error if pixels are missing.
 * @param dataAt offset of the LZW minimum code size; the data sub-blocks follow it
 */
export function countPixels(bytes: Uint8Array, dataAt: number): number {
  const table = new CodeTable(bytes[dataAt] ?? 0);
  let pixels = 0;
  let buffer = 0;
  let bufferBits = 0;
  let end = dataAt + 1;
  for (;;) {
    // A sub-block begins with its length; 0 ends the data.
    const at = end + 1;
    end = Math.min(at + (bytes[end] ?? 0), bytes.length);
    if (end <= at) return pixels;
    for (let i = at; i < end; i++) {
      buffer |= (bytes[i] ?? 0) << bufferBits;
      bufferBits += 8;
      while (bufferBits >= table.codeBits) {
        const bits = table.codeBits;
        const length = table.take(buffer & (2 ** bits - 1));
        if (length === undefined) return pixels;
        pixels += length;
        buffer >>>= bits;
        bufferBits -= bits;
      }
    }
  }
}

/** The code table of an LZW decoder that stores only the number of pixels of each code. */
class CodeTable {
  codeBits = 0;
  readonly #firstBits: number;
  readonly #clear: number;
  readonly #lengths: Uint16Array;
  #next = 0;
  #previous: number | undefined;

  constructor(firstBits: number) {
    this.#firstBits = firstBits;
    this.#clear = 2 ** firstBits;
    this.#lengths = new Uint16Array(4096).fill(1, 0, this.#clear);
    this.#reset();
  }

  /** The number of pixels of the code; undefined if the code ends the data or is invalid. */
  take(code: number): number | undefined {
    if (code === this.#clear) {
      this.#reset();
      return 0;
    }
    if (code === this.#clear + 1 || code > this.#next) return undefined;
    const added = this.#previous === undefined ? 0 : (this.#lengths[this.#previous] ?? 0) + 1;
    const length = code === this.#next ? added : (this.#lengths[code] ?? 0);
    if (length === 0) return undefined;
    if (this.#previous !== undefined && this.#next < 4096) this.#add(added);
    this.#previous = code;
    return length;
  }

  #add(length: number): void {
    this.#lengths[this.#next] = length;
    this.#next++;
    if (this.#next === 2 ** this.codeBits && this.codeBits < 12) this.codeBits++;
  }

  #reset(): void {
    this.codeBits = this.#firstBits + 1;
    this.#next = this.#clear + 2;
    this.#previous = undefined;
  }
}
