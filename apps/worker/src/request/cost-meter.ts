import type { ImageCost } from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';

/** Runs while an image is in hand; disposing of it ends that. */
export interface RunningMeter extends Disposable {
  /** What the image has cost so far; undefined where a price is not known. */
  cost(): ImageCost | undefined;
}

/** What an image costs that had this machine to itself for so many seconds; null where a price is not known. */
export type PriceImage = (seconds: number) => Omit<ImageCost, 'currency'> | null;

/**
 * Meters what images cost. The machine's time is shared evenly among the images in hand, so that the shares
 * of all images add up to the time in which there was any: each counts on a clock that slows down as more
 * images are there.
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
    const beganAtMs = this.#now();
    this.#images += 1;
    return {
      cost: () => this.#costOf((this.#now() - beganAtMs) / 1000),
      [Symbol.dispose]: () => {
        this.#now();
        this.#images -= 1;
      },
    };
  }

  /** The shared clock: while there are n images, it goes at an nth of the speed. */
  #now(): number {
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

/** To a tenth of a billionth of a dollar: an image costs some hundred-thousandths. */
const rounded = (usd: number) => Math.round(usd * 1e10) / 1e10;
