import type { ImageCost } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';

/** Measures one image, or a chunk, until it is first disposed of. */
export interface RunningMeter extends Disposable {
  /** The cost of the image so far; undefined where a price is not known. */
  cost(): ImageCost | undefined;
  /** Its share of the machine's time so far, in milliseconds. */
  busyMs(): number;
}

/** The cost of an image that used the whole machine for so many seconds; null where a price is not known. */
export type PriceImage = (seconds: number) => Omit<ImageCost, 'currency'> | null;

/**
 * Measures what images cost. The time of the machine is split evenly among the images that are handled at
 * once: a shared clock runs at an nth of the speed while there are n images. So the shares of all images add
 * up to the busy time of the machine.
 */
export class CostMeter {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #price: PriceImage;
  #images = 0;
  #sharedMs = 0;
  #atMs = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>, price: PriceImage) {
    this.#clock = clock;
    this.#price = price;
  }

  begin(): RunningMeter {
    const beganAtMs = this.#sharedNowMs();
    this.#images += 1;
    const busyMs = () => this.#sharedNowMs() - beganAtMs;
    let isOpen = true;
    return {
      cost: () => this.#costOf(busyMs() / 1000),
      busyMs,
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#sharedNowMs();
        this.#images -= 1;
      },
    };
  }

  /** Milliseconds of the shared clock. */
  #sharedNowMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (this.#images > 0) this.#sharedMs += (nowMs - this.#atMs) / this.#images;
    this.#atMs = nowMs;
    return this.#sharedMs;
  }

  #costOf(seconds: number): ImageCost | undefined {
    const cost = this.#price(seconds);
    if (cost === null) return undefined;
    return {
      currency: 'USD',
      total: rounded(cost.total),
      instance: rounded(cost.instance),
      queue: rounded(cost.queue),
      store: rounded(cost.store),
    };
  }
}

/** Rounds to 1e-10 dollars; an image costs about 1e-5. */
const rounded = (usd: number) => Math.round(usd * 1e10) / 1e10;
