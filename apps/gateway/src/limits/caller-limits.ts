import type { ApiKey, Used } from '@labelfleet/contracts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { DayUsage } from './day-usage.ts';
import { msUntil, refilled, type Bucket } from './token-bucket.ts';

const DAY_MS = 86_400_000;
const MINUTES_OF_DAY = 1_440;

type Limits = Pick<ApiKey, 'caller' | 'imagesPerMinute' | 'imagesPerDay' | 'dailyBudgetUsd'>;

/** The place of images within the limits of a caller. Disposing it gives the place back, unless it was kept. */
export interface Admission extends Disposable {
  kind: 'admitted';
  /** So many images were accepted, and count: those that were admitted, or more of a batch. */
  keep(accepted?: number): void;
}

/** The place of a job. It is kept at most: the job may use no more than this. */
export interface JobAdmission extends Disposable {
  kind: 'admitted';
  keep(): void;
  /** Undefined: no limit. */
  maxImages: number | undefined;
  maxUsd: number | undefined;
}

const NOTHING: Used = { images: 0, usd: 0 };

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
  /** What is admitted and neither kept nor given back. */
  readonly #open = new Map<string, Used>();

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
      const open = this.#openOf(caller);
      if (used.usd + open.usd >= dailyBudgetUsd) return this.#spent(dailyBudgetUsd);
      if (used.images + open.images + images > imagesPerDay)
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
   * Admits a job, whose images count on the day it is created. They do not count as images of a minute, because workers
   * take them when there is nothing else to do; a key with no other limit may have as many as in a day of such minutes.
   * @param expected `lowUsd`, `highUsd`: its estimated cost; undefined if a price is not known
   * @throws when the state bucket fails
   */
  async admitJob(
    key: Limits,
    expected: { images: number; lowUsd: number | undefined; highUsd: number | undefined },
  ): Promise<JobAdmission | Refusal> {
    const { caller, imagesPerMinute = Infinity, dailyBudgetUsd = Infinity } = key;
    const { imagesPerDay = imagesPerMinute * MINUTES_OF_DAY } = key;
    const { images, lowUsd = 0, highUsd } = expected;
    if (images > imagesPerDay)
      return refuse(
        'job-over-limit',
        `The job has ${images} images; the limit is ${imagesPerDay} a day. Split it, or ask the operator for a higher limit.`,
      );
    if (lowUsd > dailyBudgetUsd)
      return refuse(
        'job-over-limit',
        `The job would cost ${lowUsd} USD at least; the budget is ${dailyBudgetUsd} USD a day. Split it, or ask the operator for a higher budget.`,
      );
    const used = add(await this.#deps.usage.today(caller), this.#openOf(caller));
    const leftUsd = dailyBudgetUsd - used.usd;
    if (leftUsd <= 0 || lowUsd > leftUsd) return this.#spent(dailyBudgetUsd);
    if (used.images + images > imagesPerDay)
      return refuse(
        'rate-limited',
        `The job has ${images} images, and ${remaining(imagesPerDay - used.images)} of ${imagesPerDay} a day are left. They start again at midnight UTC.`,
        retryAfter(this.#msUntilMidnight()),
      );
    const usd = Math.min(leftUsd, highUsd ?? 0);
    return {
      ...this.#hold(caller, { images, usd: Number.isFinite(dailyBudgetUsd) ? usd : 0 }),
      maxImages: Number.isFinite(imagesPerDay) ? images : undefined,
      maxUsd: Number.isFinite(leftUsd) ? (highUsd === undefined ? leftUsd : usd) : undefined,
    };
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
      const left = imagesPerDay - usage.known(caller).images - this.#openOf(caller).images;
      policies.push(`"day";q=${imagesPerDay};w=${DAY_MS / 1000}`);
      states.push(`"day";r=${remaining(left)};t=${wholeSeconds(this.#msUntilMidnight())}`);
    }
    if (policies.length === 0) return {};
    return { 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') };
  }

  #admitted(key: Limits, images: number): Admission {
    const { caller } = key;
    const held = this.#hold(caller, { images, usd: 0 });
    let isOpen = true;
    const end = (accepted: number) => {
      if (!isOpen) return;
      isOpen = false;
      held[Symbol.dispose]();
      this.#giveBack(caller, images - accepted);
    };
    return {
      kind: 'admitted',
      keep: (accepted = images) => {
        if (isOpen && hasDayLimit(key)) this.#deps.usage.count(caller, { images: accepted });
        end(accepted);
      },
      [Symbol.dispose]: () => end(0),
    };
  }

  /** Counts as used until it is disposed of. */
  #hold(caller: string, held: Used): Pick<JobAdmission, 'kind' | 'keep' | typeof Symbol.dispose> {
    this.#open.set(caller, add(this.#openOf(caller), held));
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      const { images, usd } = this.#openOf(caller);
      const left = { images: images - held.images, usd: Math.max(0, usd - held.usd) };
      if (left.images === 0) this.#open.delete(caller);
      else this.#open.set(caller, left);
    };
    return {
      kind: 'admitted',
      keep: () => {
        if (isOpen) this.#deps.usage.count(caller, held);
        close();
      },
      [Symbol.dispose]: close,
    };
  }

  #spent(dailyBudgetUsd: number): Refusal {
    return refuse(
      'budget-exceeded',
      `The budget of ${dailyBudgetUsd} USD a day is spent, or what is left is too little. It starts again at midnight UTC.`,
      retryAfter(this.#msUntilMidnight()),
    );
  }

  #giveBack(caller: string, images: number): void {
    const bucket = this.#buckets.get(caller);
    if (bucket !== undefined) bucket.tokens += images;
  }

  #openOf(caller: string): Used {
    return this.#open.get(caller) ?? NOTHING;
  }

  #msUntilMidnight(): number {
    return DAY_MS - (this.#deps.unixMs() % DAY_MS);
  }
}

const add = (a: Used, b: Used): Used => ({ images: a.images + b.images, usd: a.usd + b.usd });
const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000);
const remaining = (images: number): number => Math.max(0, Math.floor(images));
const retryAfter = (ms: number) => ({ 'retry-after': String(Math.max(1, wholeSeconds(ms))) });
