import {
  compareAndSetJson,
  readJson,
  type JsonCodec,
  type ObjectStore,
} from '@labelfleet/aws/store';
import {
  withAttempt,
  withoutAttempt,
  type AttemptsRecord,
  type AttemptsVerdict,
  type RecordedAttempt,
} from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';

/** Added to the longest attempt: covers clocks that disagree, and the time between the record and the attempt. */
const MARGIN_MS = 15_000;
/** Few workers compete for one record, and each lost race means that another made progress. */
const MAX_RACES = 20;

export interface RecordEntryDeps {
  /** The state bucket. */
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Instance id. */
  worker: string;
  maxAttemptMs: number;
  clock: Pick<Clock, 'unixMs'>;
}

/** What a record is about. */
export interface RecordKind<A extends RecordedAttempt> {
  key: string;
  codec: JsonCodec<AttemptsRecord<A>>;
}

interface StoredRecord<A extends RecordedAttempt> {
  record: AttemptsRecord<A>;
  /** Undefined: the object does not exist yet. */
  etag: string | undefined;
}

/**
 * This worker's entry in a record of attempts (P4, J6). Changes the record by compare-and-set. After a put whose outcome
 * is unknown it reads the record again.
 */
export class RecordEntry<A extends RecordedAttempt> {
  readonly #kind: RecordKind<A>;
  readonly #nonce: string;
  readonly #deps: RecordEntryDeps;
  /** As last read or written; undefined when the record has to be read (again). */
  #stored: StoredRecord<A> | undefined;
  /** True if this attempt may be in the record: a put whose outcome is unknown counts. */
  #mayBeRecorded = false;

  constructor(kind: RecordKind<A>, nonce: string, deps: RecordEntryDeps) {
    this.#kind = kind;
    this.#nonce = nonce;
    this.#deps = deps;
  }

  /** Reads the attempts of others. */
  async read(): Promise<AttemptsRecord<A>> {
    this.#stored = await this.#readRecord();
    return this.#others(this.#stored.record);
  }

  /**
   * Adds this attempt to the record, or changes it, if that is allowed. A repeated call does not count it twice.
   * @param judge gets the attempts of others
   */
  async put(
    make: (attempt: RecordedAttempt) => A,
    judge: (others: AttemptsRecord<A>) => AttemptsVerdict,
  ): Promise<AttemptsVerdict> {
    let verdict: AttemptsVerdict = { kind: 'may-attempt' };
    await this.#change((record) => {
      verdict = judge(this.#others(record));
      if (verdict.kind !== 'may-attempt') return undefined;
      this.#mayBeRecorded = true;
      const { worker, maxAttemptMs, clock } = this.#deps;
      const nowMs = clock.unixMs();
      const attempt = make({
        nonce: this.#nonce,
        worker,
        at: new Date(nowMs).toISOString(),
        endsAt: new Date(nowMs + maxAttemptMs + MARGIN_MS).toISOString(),
      });
      return withAttempt(record, attempt);
    });
    return verdict;
  }

  /** Removes this attempt, which counts as none because it was released (P5). */
  async withdraw(): Promise<'withdrawn' | 'not-recorded'> {
    if (!this.#mayBeRecorded) return 'not-recorded';
    await this.#change((record) => {
      const others = this.#others(record);
      return others.attempts.length < record.attempts.length ? others : undefined;
    });
    this.#mayBeRecorded = false;
    return 'withdrawn';
  }

  #others(record: AttemptsRecord<A>): AttemptsRecord<A> {
    return withoutAttempt(record, this.#nonce);
  }

  /** @param next makes the new record from the stored one; undefined leaves it unchanged */
  async #change(next: (record: AttemptsRecord<A>) => AttemptsRecord<A> | undefined): Promise<void> {
    const { key, codec } = this.#kind;
    for (let race = 0; race < MAX_RACES; race++) {
      const stored = this.#stored ?? (await this.#readRecord());
      const changed = next(stored.record);
      if (changed === undefined) return;
      this.#stored = undefined;
      const onlyIf = stored.etag === undefined ? 'absent' : { etag: stored.etag };
      const outcome = await compareAndSetJson(this.#deps.bucket, key, changed, codec, onlyIf);
      if (outcome.kind === 'condition-failed') continue;
      this.#stored = { record: changed, etag: outcome.etag };
      return;
    }
    throw new Error(
      `The attempt record ${key} was not changed: other workers changed it ${MAX_RACES} times in a row.`,
    );
  }

  async #readRecord(): Promise<StoredRecord<A>> {
    const { key, codec } = this.#kind;
    const stored = await readJson(this.#deps.bucket, key, codec);
    return { record: stored?.value ?? { v: 1, attempts: [] }, etag: stored?.etag };
  }
}
