/** A share of what a semaphore counts, until it is disposed of. */
export interface Permit extends Disposable {
  /** Changes the share without a wait, to more too. */
  resize(amount: number): void;
}

interface Waiter {
  amount: number;
  grant: () => void;
}

/** Shares an amount, such as bytes of memory, among callers in the order of their calls. */
export class Semaphore {
  readonly #size: number;
  readonly #waiting = new Set<Waiter>();
  #free: number;

  constructor(size: number) {
    this.#size = size;
    this.#free = size;
  }

  /** Resolves when so much is free, or everything, if that is less. Rejects with the signal's reason. */
  async acquire(wanted: number, signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    const amount = Math.min(wanted, this.#size);
    if (this.#waiting.size > 0 || amount > this.#free) await this.#wait(amount, signal);
    else this.#free -= amount;
    return this.#permit(amount);
  }

  async #wait(amount: number, signal: AbortSignal): Promise<void> {
    const granted = Promise.withResolvers<void>();
    const waiter = { amount, grant: granted.resolve };
    const cancel = () => {
      granted.reject(signal.reason as Error);
      this.#waiting.delete(waiter);
      this.#grant();
    };
    this.#waiting.add(waiter);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await granted.promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  #grant(): void {
    for (const waiter of this.#waiting) {
      if (waiter.amount > this.#free) return;
      this.#free -= waiter.amount;
      this.#waiting.delete(waiter);
      waiter.grant();
    }
  }

  #permit(amount: number): Permit {
    let held = amount;
    let isOpen = true;
    const change = (to: number) => {
      if (!isOpen) return;
      this.#free += held - to;
      held = to;
      this.#grant();
    };
    return {
      resize: change,
      [Symbol.dispose]: () => {
        change(0);
        isOpen = false;
      },
    };
  }
}
