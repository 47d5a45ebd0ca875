import { compareAndSetJson, readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  attemptRecordCodec,
  attemptRecordKey,
  judgeAttempts,
  NO_ATTEMPTS,
  withAttempt,
  withoutAttempt,
  type AttemptRecord,
  type AttemptsVerdict,
} from '@labelfleet/contracts';
import type { Clock } from '@labelfleet/runtime';

/** Added to the longest attempt: covers clocks that disagree, and the time between the record and the attempt. */
const MARGIN_MS = 15_000;
/** Few workers compete for one image, and each lost race means that another made progress. */
const MAX_RACES = 20;

/** This worker's entry in the attempt record of one request (P4). */
export interface AttemptEntry {
  /** Attempts of others in the record, as last read. */
  readonly earlierAttempts: number;
  /** Reads the record and says whether another attempt is allowed. */
  read(): Promise<AttemptsVerdict>;
  /** Adds this attempt to the record, if it is allowed. A repeated call does not count it twice. */
  add(): Promise<AttemptsVerdict>;
  /** Removes this attempt, which counts as none because it was released (P5). */
  withdraw(): Promise<'withdrawn' | 'not-recorded'>;
}

/** The attempt of a first delivery is free: it is not recorded (P4). */
export const FREE_ATTEMPT: AttemptEntry = {
  earlierAttempts: 0,
  read: async () => ({ kind: 'may-attempt' }),
  add: async () => ({ kind: 'may-attempt' }),
  withdraw: async () => 'not-recorded',
};

export interface AttemptEntryDeps {
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Instance id. */
  worker: string;
  maxAttemptMs: number;
  clock: Pick<Clock, 'unixMs'>;
}

interface StoredRecord {
  record: AttemptRecord;
  /** Undefined: the object does not exist yet. */
  etag: string | undefined;
}

/** Changes the record by compare-and-set. After a put whose outcome is unknown it reads the record again. */
export class RecordedAttemptEntry implements AttemptEntry {
  readonly #key: string;
  readonly #nonce: string;
  readonly #deps: AttemptEntryDeps;
  /** As last read or written; undefined when the record has to be read (again). */
  #stored: StoredRecord | undefined;
  #earlierAttempts = 0;
  /** True if this attempt may be in the record: a put whose outcome is unknown counts. */
  #mayBeRecorded = false;

  constructor(requestId: string, nonce: string, deps: AttemptEntryDeps) {
    this.#key = attemptRecordKey(requestId);
    this.#nonce = nonce;
    this.#deps = deps;
  }

  get earlierAttempts(): number {
    return this.#earlierAttempts;
  }

  async read(): Promise<AttemptsVerdict> {
    this.#stored = await this.#readRecord();
    return this.#judge(this.#stored.record);
  }

  async add(): Promise<AttemptsVerdict> {
    let verdict: AttemptsVerdict = { kind: 'may-attempt' };
    await this.#change((record) => {
      verdict = this.#judge(record);
      if (verdict.kind !== 'may-attempt') return undefined;
      this.#mayBeRecorded = true;
      const { worker, maxAttemptMs, clock } = this.#deps;
      const nowMs = clock.unixMs();
      return withAttempt(record, {
        nonce: this.#nonce,
        worker,
        at: new Date(nowMs).toISOString(),
        endsAt: new Date(nowMs + maxAttemptMs + MARGIN_MS).toISOString(),
      });
    });
    return verdict;
  }

  async withdraw(): Promise<'withdrawn' | 'not-recorded'> {
    if (!this.#mayBeRecorded) return 'not-recorded';
    await this.#change((record) => {
      const without = withoutAttempt(record, this.#nonce);
      return without.attempts.length < record.attempts.length ? without : undefined;
    });
    this.#mayBeRecorded = false;
    return 'withdrawn';
  }

  #judge(record: AttemptRecord): AttemptsVerdict {
    const others = withoutAttempt(record, this.#nonce);
    this.#earlierAttempts = others.attempts.length;
    return judgeAttempts(others, this.#deps.clock.unixMs());
  }

  /** @param next makes the new record from the stored one; undefined leaves it unchanged */
  async #change(next: (record: AttemptRecord) => AttemptRecord | undefined): Promise<void> {
    for (let race = 0; race < MAX_RACES; race++) {
      const stored = this.#stored ?? (await this.#readRecord());
      const changed = next(stored.record);
      if (changed === undefined) return;
      this.#stored = undefined;
      const onlyIf = stored.etag === undefined ? 'absent' : { etag: stored.etag };
      const { bucket } = this.#deps;
      const outcome = await compareAndSetJson(
        bucket,
        this.#key,
        changed,
        attemptRecordCodec,
        onlyIf,
      );
      if (outcome.kind === 'condition-failed') continue;
      this.#stored = { record: changed, etag: outcome.etag };
      return;
    }
    throw new Error(
      `The attempt record ${this.#key} was not changed: other workers changed it ${MAX_RACES} times in a row.`,
    );
  }

  async #readRecord(): Promise<StoredRecord> {
    const stored = await readJson(this.#deps.bucket, this.#key, attemptRecordCodec);
    return { record: stored?.value ?? NO_ATTEMPTS, etag: stored?.etag };
  }
}
