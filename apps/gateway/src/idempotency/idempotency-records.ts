import { isTransient } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeIdempotencyRecord,
  encodeIdempotencyRecord,
  idempotencyRecordKey,
  type IdempotencyRecord,
} from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import { judgeRecord, type Judgement } from './judge-record.ts';

/** Puts of one record: each after the first follows one that was overtaken or whose answer was lost. */
const MOST_PUTS = 4;

export interface IdempotencyKey {
  /** Whose key it is: two callers may choose the same one. */
  caller: string;
  key: string;
}

/** What has become of a claim; see `Judgement`. */
export type Claim = Exclude<Judgement, { kind: 'claim' }>;

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
      const trouble = await this.#put(objectKey, own, onlyIf);
      if (trouble === undefined) return { kind: 'ours' };
      const standing = await this.#read(objectKey);
      const judgement = judgeRecord(standing?.record, own);
      if (judgement.kind !== 'claim') return judgement;
      if (puts === MOST_PUTS) throw trouble.error;
      onlyIf = standing === undefined ? 'absent' : { etag: standing.etag };
    }
  }

  /** @returns undefined where the record is stored */
  async #put(
    objectKey: string,
    record: IdempotencyRecord,
    onlyIf: 'absent' | { etag: string },
  ): Promise<{ error: unknown } | undefined> {
    try {
      const outcome = await this.#bucket.put(objectKey, encodeIdempotencyRecord(record), {
        contentType: 'application/json',
        onlyIf,
      });
      if (outcome.kind === 'stored') return undefined;
      return { error: new Error('others change the idempotency record all the time') };
    } catch (error) {
      if (!isTransient(error)) throw error;
      return { error };
    }
  }

  async #read(objectKey: string): Promise<{ record: IdempotencyRecord; etag: string } | undefined> {
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
