import { messagesToReceive } from './receive-ahead.ts';

/** Permission to work on one request. Disposing of it gives the slot back, also when it was not granted yet. */
export interface Slot extends Disposable {
  /** Resolves when the slot may be used; rejects with the signal's reason. */
  granted(signal: AbortSignal): Promise<void>;
}

type Reservation = { exclusive: boolean; granted: boolean; grant: () => void };

/**
 * The slots of a worker. Any number of shared ones may be in use, or a single exclusive one, which is granted when
 * all others have been given back. Shared ones go first; they end, since nothing is received while an exclusive
 * slot is reserved. Images of jobs have places beside the shared slots, which leave the room for requests as it is.
 */
export class Slots {
  /** As many images as the worker handles at once when it receives nothing ahead. */
  readonly count: number;
  readonly #imagesPerMs: () => number;
  readonly #reservations = new Set<Reservation>();
  /** Places of images of jobs in use. */
  #places = 0;
  #changed = Promise.withResolvers<void>();

  /** @param imagesPerMs how many images the worker classifies in a millisecond; 0 until it is measured */
  constructor(count: number, imagesPerMs: () => number = () => 0) {
    this.count = count;
    this.#imagesPerMs = imagesPerMs;
  }

  /** How many messages to receive now; 0 while an exclusive slot is reserved. */
  get room(): number {
    return this.#exclusiveReserved
      ? 0
      : messagesToReceive(this.count, this.#reservations.size, this.#imagesPerMs());
  }

  get #exclusiveReserved(): boolean {
    for (const { exclusive } of this.#reservations) if (exclusive) return true;
    return false;
  }

  shared(): Slot {
    return this.#reserve(false);
  }

  exclusive(): Slot {
    return this.#reserve(true);
  }

  /** A place for an image of a job; undefined while an exclusive slot is reserved. */
  placeForJob(): Disposable | undefined {
    if (this.#exclusiveReserved) return undefined;
    this.#places += 1;
    return {
      [Symbol.dispose]: () => {
        this.#places -= 1;
        this.#grant();
      },
    };
  }

  /** Resolves when no exclusive slot is reserved; rejects with the signal's reason. */
  async sharing(signal: AbortSignal): Promise<void> {
    while (this.#exclusiveReserved) await unlessAborted(this.#changed.promise, signal);
  }

  #reserve(exclusive: boolean): Slot {
    const { promise, resolve } = Promise.withResolvers<void>();
    const reservation: Reservation = { exclusive, granted: false, grant: resolve };
    this.#reservations.add(reservation);
    this.#grant();
    return {
      granted: async (signal) => {
        if (!reservation.granted) await unlessAborted(promise, signal);
        signal.throwIfAborted();
      },
      [Symbol.dispose]: () => {
        if (!this.#reservations.delete(reservation)) return;
        this.#grant();
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      },
    };
  }

  #grant(): void {
    let inUse = 0;
    for (const { granted, exclusive } of this.#reservations) {
      if (granted && exclusive) return;
      if (granted) inUse += 1;
    }
    for (const reservation of this.#reservations) {
      if (reservation.granted || reservation.exclusive) continue;
      this.#grantOne(reservation);
      inUse += 1;
    }
    if (inUse > 0 || this.#places > 0) return;
    const [exclusive] = this.#reservations;
    if (exclusive !== undefined) this.#grantOne(exclusive);
  }

  #grantOne(reservation: Reservation): void {
    reservation.granted = true;
    reservation.grant();
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
