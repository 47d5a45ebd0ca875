import type { ApiKey } from '@labelfleet/contracts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { DayUsage } from './day-usage.ts';
import { msUntil, refilled, type Bucket } from './token-bucket.ts';

const DAY_MS = 86_400_000;

type Limits = Pick<ApiKey, 'caller' | 'imagesPerMinute' | 'imagesPerDay' | 'dailyBudgetUsd'>;

/** The place of images within the limits of a caller. Disposing it gives the place back, unless it was kept. */
export interface Admission extends Disposable {
  kind: 'admitted';
  /** So many images were accepted, and count: those that were admitted, or more of a batch. */
  keep(accepted?: number): void;
}

export const UNLIMITED: Admission = {
  kind: 'admitted',
  keep: () => {},
  [Symbol.dispose]: () => {},
};

interface CallerLimitsDeps {
  usage: Pick<DayUsage, 'today' | 'known' | 'count'>;
  unixMs: () => number;
  monotonicMs: () => number;
}

const hasDayLimit = ({ imagesPerDay, dailyBudgetUsd }: Limits): boolean =>
  imagesPerDay !== undefined || dailyBudgetUsd !== undefined;

/**
 * Admits the images of callers within the limits of their keys. Both keys of a caller share what it has used. The
 * images of a minute are counted by this gateway alone, those of a day and the budget by all gateways together.
 */
export class CallerLimits {
  readonly #deps: CallerLimitsDeps;
  readonly #buckets = new Map<string, Bucket>();
  /** Images that are admitted and neither kept nor given back. */
  readonly #open = new Map<string, number>();

  constructor(deps: CallerLimitsDeps) {
    this.#deps = deps;
  }

  /**
   * @param key undefined for an anonymous caller, who has no limits
   * @throws when the state bucket fails
   */
  async admit(key: Limits | undefined, images: number): Promise<Admission | Refusal> {
    if (key === undefined) return UNLIMITED;
    const { usage, monotonicMs } = this.#deps;
    const { caller, imagesPerMinute, imagesPerDay = Infinity, dailyBudgetUsd = Infinity } = key;
    if (hasDayLimit(key)) {
      const used = await usage.today(caller);
      if (used.usd >= dailyBudgetUsd)
        return refuse(
          'budget-exceeded',
          `The budget of ${dailyBudgetUsd} USD a day is spent. It starts again at midnight UTC.`,
          retryAfter(this.#msUntilMidnight()),
        );
      if (used.images + this.#openImages(caller) + images > imagesPerDay)
        return refuse(
          'rate-limited',
          `The limit is ${imagesPerDay} images a day. It starts again at midnight UTC.`,
          retryAfter(this.#msUntilMidnight()),
        );
    }
    if (imagesPerMinute !== undefined) {
      const bucket = refilled(this.#buckets.get(caller), imagesPerMinute, monotonicMs());
      const waitMs = msUntil(images, bucket, imagesPerMinute);
      if (waitMs > 0)
        return refuse(
          'rate-limited',
          `The limit is ${imagesPerMinute} images a minute. Try again after the time in Retry-After.`,
          retryAfter(waitMs),
        );
      this.#buckets.set(caller, { ...bucket, tokens: bucket.tokens - images });
    }
    return this.#admitted(key, images);
  }

  /**
   * The RateLimit headers (draft-ietf-httpapi-ratelimit-headers-11) by what is known without a call; none if the key
   * has no limit in images.
   */
  headers(key: Limits | undefined): Readonly<Record<string, string>> {
    if (key === undefined) return {};
    const { caller, imagesPerMinute, imagesPerDay } = key;
    const policies: string[] = [];
    const states: string[] = [];
    const { usage, monotonicMs } = this.#deps;
    if (imagesPerMinute !== undefined) {
      const bucket = refilled(this.#buckets.get(caller), imagesPerMinute, monotonicMs());
      const untilFull = wholeSeconds(msUntil(imagesPerMinute, bucket, imagesPerMinute));
      policies.push(`"minute";q=${imagesPerMinute};w=60`);
      states.push(`"minute";r=${remaining(bucket.tokens)};t=${untilFull}`);
    }
    if (imagesPerDay !== undefined) {
      const left = imagesPerDay - usage.known(caller).images - this.#openImages(caller);
      policies.push(`"day";q=${imagesPerDay};w=${DAY_MS / 1000}`);
      states.push(`"day";r=${remaining(left)};t=${wholeSeconds(this.#msUntilMidnight())}`);
    }
    if (policies.length === 0) return {};
    return { 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') };
  }

  #admitted(key: Limits, images: number): Admission {
    const { caller } = key;
    this.#open.set(caller, this.#openImages(caller) + images);
    let isOpen = true;
    const close = () => {
      isOpen = false;
      const left = this.#openImages(caller) - images;
      if (left === 0) this.#open.delete(caller);
      else this.#open.set(caller, left);
    };
    return {
      kind: 'admitted',
      keep: (accepted = images) => {
        if (!isOpen) return;
        close();
        this.#giveBack(caller, images - accepted);
        if (hasDayLimit(key)) this.#deps.usage.count(caller, { images: accepted });
      },
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        close();
        this.#giveBack(caller, images);
      },
    };
  }

  #giveBack(caller: string, images: number): void {
    const bucket = this.#buckets.get(caller);
    if (bucket !== undefined) bucket.tokens += images;
  }

  #openImages(caller: string): number {
    return this.#open.get(caller) ?? 0;
  }

  #msUntilMidnight(): number {
    return DAY_MS - (this.#deps.unixMs() % DAY_MS);
  }
}

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000);
const remaining = (images: number): number => Math.max(0, Math.floor(images));
const retryAfter = (ms: number) => ({ 'retry-after': String(Math.max(1, wholeSeconds(ms))) });
