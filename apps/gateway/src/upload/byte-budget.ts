/** The bytes that all uploads of this process may hold at once. */
export class ByteBudget {
  readonly limitBytes: number;
  #inUse = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get bytesInUse(): number {
    return this.#inUse;
  }

  /** A share for one upload; empty at first. Disposing it gives back, once, what it has taken. */
  open(): ByteShare {
    let taken = 0;
    return {
      take: (bytes) => {
        if (this.#inUse + bytes > this.limitBytes) return false;
        this.#inUse += bytes;
        taken += bytes;
        return true;
      },
      [Symbol.dispose]: () => {
        this.#inUse -= taken;
        taken = 0;
      },
    };
  }
}

export interface ByteShare extends Disposable {
  /** Whether there was room for so many bytes more. */
  take(bytes: number): boolean;
}
