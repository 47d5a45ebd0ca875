import { hasCode, isTransient, THROTTLING_CODES } from '@labelfleet/aws/errors';
import { compareAndSetJson, readJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  encodeIdempotencyRecord,
  IDEMPOTENCY_MS,
  idempotencyRecordCodec,
  idempotencyRecordKey,
  type IdempotencyRecord,
} from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { judgeRecord, type Judgement } from './judge-record.ts';

/** Each put after the first follows one that lost a race or whose response was lost. */
const MOST_PUTS = 4;
/** A call that hung or was throttled is not repeated: the caller would only wait longer. */
const SLOW: ReadonlySet<string> = new Set(['TimeoutError', ...THROTTLING_CODES]);

export interface IdempotencyKey {
  /** Two callers may choose the same key. */
  caller: string;
  key: string;
}

/** A record, and the entity tag of the version that was read or written. */
export interface VersionedRecord {
  record: IdempotencyRecord;
  etag: string;
}

/** The outcome of a claim; see `Judgement`. */
export type Claim =
  ({ kind: 'ours' | 'replay' } & VersionedRecord) | Extract<Judgement, { kind: 'reused' }>;

/** The idempotency records in the state bucket. */
export class IdempotencyRecords {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put'>;

  constructor(bucket: Pick<ObjectStore, 'get' | 'put'>) {
    this.#bucket = bucket;
  }

  /**
   * Claims a key for a request, or returns the record that has it already. The put comes first because nearly every
   * key is new. A refused or broken put does not show who has the key, so the record is read after it.
   * @throws when the store fails, or the object is no idempotency record
   */
  async claim(key: IdempotencyKey, own: IdempotencyRecord): Promise<Claim> {
    const objectKey = idempotencyRecordKey(digest(key));
    let onlyIf: 'absent' | { etag: string } = 'absent';
    for (let puts = 1; ; puts++) {
      const put = await this.#put(objectKey, own, onlyIf);
      if ('etag' in put) return { kind: 'ours', record: own, etag: put.etag };
      const existing = await this.#read(objectKey);
      const { kind } = judgeRecord(existing?.record, own);
      if (kind === 'reused') return { kind };
      if (existing !== undefined && kind !== 'claim') return { kind, ...existing };
      if (puts === MOST_PUTS) throw put.error;
      onlyIf = existing === undefined ? 'absent' : { etag: existing.etag };
    }
  }

  /**
   * True if an earlier request has the key, whatever its image is.
   * @param now Unix milliseconds
   * @throws when the store fails, or the object is no idempotency record
   */
  async isTaken(key: IdempotencyKey, now: number): Promise<boolean> {
    const existing = await this.#read(idempotencyRecordKey(digest(key)));
    return existing !== undefined && now - Date.parse(existing.record.at) < IDEMPOTENCY_MS;
  }

  /**
   * Replaces a record that was read, unless it has changed since.
   * @returns undefined if it has
   * @throws when the store fails
   */
  async replace(
    key: IdempotencyKey,
    { etag }: VersionedRecord,
    record: IdempotencyRecord,
  ): Promise<VersionedRecord | undefined> {
    const objectKey = idempotencyRecordKey(digest(key));
    const put = await this.#put(objectKey, record, { etag });
    if ('etag' in put) return { record, etag: put.etag };
    // The response to a put that took effect may be lost; its retry then finds its own record.
    const existing = await this.#read(objectKey);
    const asStored: unknown = JSON.parse(encodeIdempotencyRecord(record));
    if (existing !== undefined && isDeepStrictEqual(existing.record, asStored)) return existing;
    if (isTransient(put.error)) throw put.error;
    return undefined;
  }

  async #put(
    objectKey: string,
    record: IdempotencyRecord,
    onlyIf: 'absent' | { etag: string },
  ): Promise<{ etag: string } | { error: unknown }> {
    try {
      const outcome = await compareAndSetJson(
        this.#bucket,
        objectKey,
        record,
        idempotencyRecordCodec,
        onlyIf,
      );
      if (outcome.kind === 'stored') return outcome;
      return {
        error: new Error(
          `The idempotency record ${objectKey} changed during ${MOST_PUTS} puts in a row`,
        ),
      };
    } catch (error) {
      if (!isTransient(error) || hasCode(error, SLOW)) throw error;
      return { error };
    }
  }

  async #read(objectKey: string): Promise<VersionedRecord | undefined> {
    const stored = await readJson(this.#bucket, objectKey, idempotencyRecordCodec);
    return stored && { record: stored.value, etag: stored.etag };
  }
}

/** A key has no line break, so two different pairs never give the same text. */
const digest = ({ caller, key }: IdempotencyKey): string =>
  createHash('sha256').update(`${key}\n${caller}`).digest('hex');
