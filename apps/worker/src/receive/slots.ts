/** A place among the slots. Disposing of it leaves it, granted or not. */
export interface Place extends Disposable {
  /** Resolves when the place may be used; rejects with the signal's reason. */
  granted(signal: AbortSignal): Promise<void>;
}

type Seat = { alone: boolean; granted: boolean; grant: () => void };

/**
 * So many images at once, or a single one alone. Who asks to be alone waits until everybody else has left;
 * those who share go first, which ends, since nothing is received while somebody wants to be alone.
 */
export class Slots {
  readonly count: number;
  readonly #seats = new Set<Seat>();

  constructor(count: number) {
    this.count = count;
  }

  /** How many more may be asked for now: none while somebody is alone or wants to be. */
  get free(): number {
    const seats = [...this.#seats];
    return seats.some(({ alone }) => alone) ? 0 : Math.max(0, this.count - seats.length);
  }

  share(): Place {
    return this.#ask(false);
  }

  alone(): Place {
    return this.#ask(true);
  }

  #ask(alone: boolean): Place {
    const { promise, resolve } = Promise.withResolvers<void>();
    const seat: Seat = { alone, granted: false, grant: resolve };
    this.#seats.add(seat);
    this.#grant();
    return {
      granted: (signal) => unlessAborted(promise, signal),
      [Symbol.dispose]: () => {
        this.#seats.delete(seat);
        this.#grant();
      },
    };
  }

  #grant(): void {
    const waiting = [...this.#seats].filter(({ granted }) => !granted);
    for (const seat of [...waiting.filter((s) => !s.alone), ...waiting.filter((s) => s.alone)]) {
      const inside = [...this.#seats].filter(({ granted }) => granted);
      const room = seat.alone
        ? inside.length === 0
        : inside.length < this.count && !inside.some(({ alone }) => alone);
      if (!room) continue;
      seat.granted = true;
      seat.grant();
    }
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
