/** Indexes of a batch, as the bits of a base64url text: bit 0 of byte 0 is index 0. */
export class IndexSet {
  readonly #bits: Uint8Array;

  /** @param size one more than the highest index */
  constructor(size: number) {
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  /** @returns undefined if the text is no set of this size */
  static parse(text: string, size: number): IndexSet | undefined {
    const set = new IndexSet(size);
    const bytes = Buffer.from(text, 'base64url');
    if (!/^[A-Za-z0-9_-]*$/.test(text) || bytes.length > set.#bits.length) return undefined;
    set.#bits.set(bytes);
    return set;
  }

  has(index: number): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    const at = index >> 3;
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (index & 7));
  }

  toString(): string {
    return Buffer.from(this.#bits).toString('base64url');
  }
}
