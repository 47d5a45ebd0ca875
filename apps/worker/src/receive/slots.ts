/** Room for one request. Disposing of it frees it, also when it was not granted yet. */
export interface Slot extends Disposable {
  /** Resolves when the slot may be used; rejects with the signal's reason. */
  granted(signal: AbortSignal): Promise<void>;
}

type Reservation = { exclusive: boolean; granted: boolean; grant: () => void };

/**
 * The slots of a worker: as many shared ones as it has, or a single exclusive one. An exclusive slot is
 * granted when all others are free. Shared ones go first; they end, since nothing is received while an
 * exclusive slot is reserved.
 */
export class Slots {
  readonly count: number;
  readonly #reservations = new Set<Reservation>();

  constructor(count: number) {
    this.count = count;
  }

  /** How many more may be reserved now: none while an exclusive one is. */
  get free(): number {
    const reservations = [...this.#reservations];
    return reservations.some(({ exclusive }) => exclusive)
      ? 0
      : Math.max(0, this.count - reservations.length);
  }

  shared(): Slot {
    return this.#reserve(false);
  }

  exclusive(): Slot {
    return this.#reserve(true);
  }

  #reserve(exclusive: boolean): Slot {
    const { promise, resolve } = Promise.withResolvers<void>();
    const reservation: Reservation = { exclusive, granted: false, grant: resolve };
    this.#reservations.add(reservation);
    this.#grant();
    return {
      granted: (signal) => unlessAborted(promise, signal),
      [Symbol.dispose]: () => {
        this.#reservations.delete(reservation);
        this.#grant();
      },
    };
  }

  #grant(): void {
    const waiting = [...this.#reservations].filter(({ granted }) => !granted);
    const sharedFirst = [
      ...waiting.filter(({ exclusive }) => !exclusive),
      ...waiting.filter(({ exclusive }) => exclusive),
    ];
    for (const reservation of sharedFirst) {
      const inUse = [...this.#reservations].filter(({ granted }) => granted);
      const hasRoom = reservation.exclusive
        ? inUse.length === 0
        : inUse.length < this.count && !inUse.some(({ exclusive }) => exclusive);
      if (!hasRoom) continue;
      reservation.granted = true;
      reservation.grant();
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
