import { hasCode, isTransient, THROTTLING_CODES } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeIdempotencyRecord,
  encodeIdempotencyRecord,
  idempotencyRecordKey,
  type IdempotencyRecord,
} from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { judgeRecord, type Judgement } from './judge-record.ts';

/** Puts of one record: each after the first follows one that was overtaken or whose answer was lost. */
const MOST_PUTS = 4;
/** After a call that hung or was throttled, another would only keep the caller waiting. */
const SLOW: ReadonlySet<string> = new Set(['TimeoutError', ...THROTTLING_CODES]);

export interface IdempotencyKey {
  /** Whose key it is: two callers may choose the same one. */
  caller: string;
  key: string;
}

/** A record and the version of it that was read or written. */
export interface VersionedRecord {
  record: IdempotencyRecord;
  etag: string;
}

/** What has become of a claim; see `Judgement`. */
export type Claim =
  ({ kind: 'ours' | 'replay' } & VersionedRecord) | Extract<Judgement, { kind: 'reused' }>;

/** The idempotency records in the state bucket. */
export class IdempotencyRecords {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put'>;

  constructor(bucket: Pick<ObjectStore, 'get' | 'put'>) {
    this.#bucket = bucket;
  }

  /**
   * Takes a key for a request, or tells what it stands for already. The put comes first: nearly every key is
   * new. A put that was refused or broke off says nothing of who has the key, so what stands is read.
   * @throws when the store fails, or holds something else under that key
   */
  async claim(key: IdempotencyKey, own: IdempotencyRecord): Promise<Claim> {
    const objectKey = idempotencyRecordKey(digest(key));
    let onlyIf: 'absent' | { etag: string } = 'absent';
    for (let puts = 1; ; puts++) {
      const put = await this.#put(objectKey, own, onlyIf);
      if ('etag' in put) return { kind: 'ours', record: own, etag: put.etag };
      const standing = await this.#read(objectKey);
      const { kind } = judgeRecord(standing?.record, own);
      if (kind === 'reused') return { kind };
      if (standing !== undefined && kind !== 'claim') return { kind, ...standing };
      if (puts === MOST_PUTS) throw put.error;
      onlyIf = standing === undefined ? 'absent' : { etag: standing.etag };
    }
  }

  /**
   * Puts a record in the place of one that was read, unless another was quicker.
   * @returns undefined where another was
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
    // The answer to a put that took effect may be lost, and its retry then meets itself.
    const standing = await this.#read(objectKey);
    const asStored: unknown = JSON.parse(encodeIdempotencyRecord(record));
    if (standing !== undefined && isDeepStrictEqual(standing.record, asStored)) return standing;
    if (isTransient(put.error)) throw put.error;
    return undefined;
  }

  async #put(
    objectKey: string,
    record: IdempotencyRecord,
    onlyIf: 'absent' | { etag: string },
  ): Promise<{ etag: string } | { error: unknown }> {
    try {
      const outcome = await this.#bucket.put(objectKey, encodeIdempotencyRecord(record), {
        contentType: 'application/json',
        onlyIf,
      });
      if (outcome.kind === 'stored') return outcome;
      return { error: new Error('others change the idempotency record all the time') };
    } catch (error) {
      if (!isTransient(error) || hasCode(error, SLOW)) throw error;
      return { error };
    }
  }

  async #read(objectKey: string): Promise<VersionedRecord | undefined> {
    const object = await this.#bucket.get(objectKey);
    if (object === null) return undefined;
    const decoded = decodeIdempotencyRecord(new TextDecoder().decode(object.body));
    if (decoded.kind === 'malformed')
      throw new Error(`The idempotency record ${objectKey} is malformed: ${decoded.reason}`);
    return { record: decoded.value, etag: object.etag };
  }
}

/** A key holds no line break, so that no two pairs read the same. */
const digest = ({ caller, key }: IdempotencyKey): string =>
  createHash('sha256').update(`${key}\n${caller}`).digest('hex');
