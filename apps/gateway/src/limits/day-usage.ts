import { compareAndSetJson, readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  callerUsageCodec,
  callerUsageKey,
  type CallerUsage,
  type Used,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { repeat } from '../replies/repeat.ts';

const STORE_EVERY_MS = 2_000;
/** What other gateways have counted is read again when it is older. */
const CURRENT_FOR_MS = 5_000;
/** Each put after the first follows one that lost a race with another gateway. */
const MOST_PUTS = 5;

export interface DayUsageDeps {
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Names this process; the name is never reused. */
  gateway: string;
  unixMs: () => number;
  monotonicMs: () => number;
  log: Pick<Logger, 'warn'>;
}

interface Entry {
  readonly day: string;
  readonly caller: string;
  /** Counted by this process. */
  own: Used;
  /** Counted by other processes, when it was last read. */
  others: Used;
  readAtMs: number;
  /** True if the stored object lacks a part of `own`. */
  isDirty: boolean;
  /** True if it was asked for since the last round. */
  isUsed: boolean;
  reading: Promise<void> | undefined;
}

const NONE: Used = { images: 0, usd: 0 };

/**
 * What callers have used today, by all gateways together. It is in one object for each caller and day, in which every
 * process has its own part. A process that dies leaves its part, and what it counted in the last 2 s is lost.
 */
export class DayUsage {
  readonly #deps: DayUsageDeps;
  /** By caller. */
  #entries = new Map<string, Entry>();
  /** Entries of past days that are not stored yet. */
  #past: Entry[] = [];

  constructor(deps: DayUsageDeps) {
    this.#deps = deps;
  }

  /** @throws when the state bucket fails and no current value is known */
  async today(caller: string): Promise<Used> {
    const entry = this.#entry(caller);
    entry.isUsed = true;
    if (this.#deps.monotonicMs() - entry.readAtMs > CURRENT_FOR_MS) await this.#read(entry);
    return add(entry.own, entry.others);
  }

  /** As `today`, without a call: what was last read and what was counted since. */
  known(caller: string): Used {
    const { own, others } = this.#entry(caller);
    return add(own, others);
  }

  /** Adds to the usage of a caller that `today` was asked about; others have no daily limits. */
  count(caller: string, used: Partial<Used>): void {
    if (!this.#entries.has(caller)) return;
    const entry = this.#entry(caller);
    entry.own = add(entry.own, { ...NONE, ...used });
    entry.isDirty = true;
  }

  /** Stores what was counted every 2 s until the signal is aborted, and then for the last time. */
  async run(signal: AbortSignal): Promise<void> {
    await repeat(STORE_EVERY_MS, signal, () => this.store());
    await this.store();
  }

  /** Stores what was counted, and reads what others counted. Never rejects: the next round tries again. */
  async store(): Promise<void> {
    const past = this.#past;
    this.#past = [];
    const entries = [...past, ...this.#entries.values()];
    await Promise.all(
      entries.map(async (entry) => {
        try {
          if (entry.isDirty) await this.#write(entry);
          else if (entry.isUsed) await this.#read(entry);
          entry.isUsed = false;
        } catch (error) {
          const { caller, day } = entry;
          this.#deps.log.warn(
            { event: 'usage.store-failed', error, caller, day },
            'usage not stored',
          );
          if (past.includes(entry)) this.#past.push(entry);
        }
      }),
    );
  }

  #entry(caller: string): Entry {
    const day = new Date(this.#deps.unixMs()).toISOString().slice(0, 10);
    const known = this.#entries.get(caller);
    if (known?.day === day) return known;
    if (known?.isDirty === true) this.#past.push(known);
    const entry: Entry = {
      ...{ day, caller, own: NONE, others: NONE },
      ...{ readAtMs: -Infinity, isDirty: false, isUsed: false, reading: undefined },
    };
    this.#entries.set(caller, entry);
    return entry;
  }

  /** Concurrent callers share a read. */
  #read(entry: Entry): Promise<void> {
    entry.reading ??= this.#stored(entry).then(
      () => void (entry.reading = undefined),
      (error: unknown) => {
        entry.reading = undefined;
        throw error;
      },
    );
    return entry.reading;
  }

  async #stored(entry: Entry) {
    const { bucket, gateway, monotonicMs } = this.#deps;
    const key = callerUsageKey(entry.day, entry.caller);
    const stored = await readJson(bucket, key, callerUsageCodec);
    const gateways = { ...stored?.value.gateways };
    delete gateways[gateway];
    entry.others = Object.values(gateways).reduce(add, NONE);
    entry.readAtMs = monotonicMs();
    return { key, gateways, etag: stored?.etag };
  }

  async #write(entry: Entry): Promise<void> {
    const { bucket, gateway } = this.#deps;
    for (let puts = 0; puts < MOST_PUTS; puts++) {
      const { key, gateways, etag } = await this.#stored(entry);
      const own = entry.own;
      const usage: CallerUsage = { v: 1, gateways: { ...gateways, [gateway]: own } };
      const onlyIf = etag === undefined ? ('absent' as const) : { etag };
      const put = await compareAndSetJson(bucket, key, usage, callerUsageCodec, onlyIf);
      if (put.kind !== 'stored') continue;
      entry.isDirty = entry.own !== own;
      return;
    }
    throw new Error(`${callerUsageKey(entry.day, entry.caller)} changed during ${MOST_PUTS} puts`);
  }
}

const add = (a: Used, b: Used): Used => ({ images: a.images + b.images, usd: a.usd + b.usd });
