import type { ObjectStore } from '@labelfleet/aws/store';
import {
  attemptRecordKey,
  decodeAttemptRecord,
  encodeAttemptRecord,
  judgeAttempts,
  NO_ATTEMPTS,
  withoutAttempt,
  withAttempt,
  type AttemptRecord,
  type AttemptsVerdict,
} from '@labelfleet/contracts';
import type { Time } from '../time.ts';

/** Beyond the longest attempt: for clocks that disagree, and for what happens between record and start. */
const MARGIN_MS = 15_000;
/** Each lost race is another's progress, and few race for one image. */
const MOST_RACES = 20;

/** One worker's start on one image, as far as the record is concerned (P4). */
export interface StartRecord {
  /** Starts of others on record, as last seen. */
  readonly earlier: number;
  /** Reads the record: whether there may be another start. */
  look(): Promise<AttemptsVerdict>;
  /** Puts this start on record, if there may be another; made again, it counts once all the same. */
  add(): Promise<AttemptsVerdict>;
  /** Takes this start out again: it was given back on purpose (P5). */
  withdraw(): Promise<'withdrawn' | 'not-recorded'>;
}

/** The first receive of a message is free. */
export const FREE_START: StartRecord = {
  earlier: 0,
  look: async () => ({ kind: 'may-start' }),
  add: async () => ({ kind: 'may-start' }),
  withdraw: async () => 'not-recorded',
};

export interface StartRecordDeps {
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Instance id. */
  worker: string;
  maxAttemptMs: number;
  time: Pick<Time, 'now'>;
}

interface Standing {
  record: AttemptRecord;
  /** Undefined: there is no object yet. */
  etag: string | undefined;
}

/** Changes the record by compare-and-set. After a put whose outcome is unknown it reads what stands. */
export class RecordedStart implements StartRecord {
  readonly #key: string;
  readonly #nonce: string;
  readonly #deps: StartRecordDeps;
  /** As last read or written; undefined when it has to be read (again). */
  #standing: Standing | undefined;
  #earlier = 0;
  /** Whether it may stand on record. */
  #added = false;

  constructor(requestId: string, nonce: string, deps: StartRecordDeps) {
    this.#key = attemptRecordKey(requestId);
    this.#nonce = nonce;
    this.#deps = deps;
  }

  get earlier(): number {
    return this.#earlier;
  }

  async look(): Promise<AttemptsVerdict> {
    this.#standing = await this.#read();
    return this.#judge(this.#standing.record);
  }

  async add(): Promise<AttemptsVerdict> {
    let verdict: AttemptsVerdict = { kind: 'may-start' };
    await this.#change((record) => {
      verdict = this.#judge(record);
      if (verdict.kind !== 'may-start') return undefined;
      this.#added = true;
      const { worker, maxAttemptMs, time } = this.#deps;
      const now = time.now();
      return withAttempt(record, {
        nonce: this.#nonce,
        worker,
        at: new Date(now).toISOString(),
        endsAt: new Date(now + maxAttemptMs + MARGIN_MS).toISOString(),
      });
    });
    return verdict;
  }

  async withdraw(): Promise<'withdrawn' | 'not-recorded'> {
    if (!this.#added) return 'not-recorded';
    await this.#change((record) => {
      const without = withoutAttempt(record, this.#nonce);
      return without.attempts.length < record.attempts.length ? without : undefined;
    });
    this.#added = false;
    return 'withdrawn';
  }

  #judge(record: AttemptRecord): AttemptsVerdict {
    const others = withoutAttempt(record, this.#nonce);
    this.#earlier = others.attempts.length;
    return judgeAttempts(others, this.#deps.time.now());
  }

  /** @param next makes the new record of the one that stands; undefined: leave it */
  async #change(next: (record: AttemptRecord) => AttemptRecord | undefined): Promise<void> {
    for (let race = 0; race < MOST_RACES; race++) {
      const standing = this.#standing ?? (await this.#read());
      const changed = next(standing.record);
      if (changed === undefined) return;
      this.#standing = undefined;
      const outcome = await this.#deps.bucket.put(this.#key, encodeAttemptRecord(changed), {
        contentType: 'application/json',
        onlyIf: standing.etag === undefined ? 'absent' : { etag: standing.etag },
      });
      if (outcome.kind === 'condition-failed') continue;
      this.#standing = { record: changed, etag: outcome.etag };
      return;
    }
    throw new Error(`the record ${this.#key} was changed by others ${MOST_RACES} times in a row`);
  }

  async #read(): Promise<Standing> {
    const object = await this.#deps.bucket.get(this.#key);
    if (object === null) return { record: NO_ATTEMPTS, etag: undefined };
    const decoded = decodeAttemptRecord(new TextDecoder().decode(object.body));
    if (decoded.kind === 'decoded') return { record: decoded.value, etag: object.etag };
    throw new Error(`the record ${this.#key} is malformed: ${decoded.reason}`);
  }
}
