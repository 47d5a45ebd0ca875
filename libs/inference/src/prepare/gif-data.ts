/**
 * How many pixels a frame's LZW data unpacks to. libnsgif leaves out what is missing, without a word.
 * @param dataAt where the size of the first codes is; the data follows in blocks
 */
export function countPixels(bytes: Uint8Array, dataAt: number): number {
  const table = new CodeTable(bytes[dataAt] ?? 0);
  let pixels = 0;
  let held = 0;
  let heldBits = 0;
  let end = dataAt + 1;
  for (;;) {
    // A block begins with its length; 0 ends the data.
    const at = end + 1;
    end = Math.min(at + (bytes[end] ?? 0), bytes.length);
    if (end <= at) return pixels;
    for (let i = at; i < end; i++) {
      held |= (bytes[i] ?? 0) << heldBits;
      heldBits += 8;
      while (heldBits >= table.codeBits) {
        const bits = table.codeBits;
        const length = table.take(held & (2 ** bits - 1));
        if (length === undefined) return pixels;
        pixels += length;
        held >>>= bits;
        heldBits -= bits;
      }
    }
  }
}

/** The table of an LZW decoder, with the length of each code's run of pixels in place of the run. */
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

  /** How many pixels the code stands for; undefined where it ends the data, or cannot come here. */
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
