import {
  attemptRecordCodec,
  attemptRecordKey,
  judgeAttempts,
  type AttemptRecord,
  type AttemptsVerdict,
  type RecordedAttempt,
} from '@labelfleet/contracts';
import { RecordEntry, type RecordEntryDeps } from '../attempt/record-entry.ts';

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

export class RecordedAttemptEntry implements AttemptEntry {
  readonly #entry: RecordEntry<RecordedAttempt>;
  readonly #deps: RecordEntryDeps;
  #earlierAttempts = 0;

  constructor(requestId: string, nonce: string, deps: RecordEntryDeps) {
    const kind = { key: attemptRecordKey(requestId), codec: attemptRecordCodec };
    this.#entry = new RecordEntry(kind, nonce, deps);
    this.#deps = deps;
  }

  get earlierAttempts(): number {
    return this.#earlierAttempts;
  }

  async read(): Promise<AttemptsVerdict> {
    return this.#judge(await this.#entry.read());
  }

  add(): Promise<AttemptsVerdict> {
    return this.#entry.put(
      (attempt) => attempt,
      (others) => this.#judge(others),
    );
  }

  withdraw(): Promise<'withdrawn' | 'not-recorded'> {
    return this.#entry.withdraw();
  }

  #judge(others: AttemptRecord): AttemptsVerdict {
    this.#earlierAttempts = others.attempts.length;
    return judgeAttempts(others, this.#deps.clock.unixMs());
  }
}
