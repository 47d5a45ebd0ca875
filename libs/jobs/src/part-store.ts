import type { ObjectStore } from '@labelfleet/aws/store';
import {
  encodeJobLine,
  partKey,
  partMetadata,
  partsOfPagePrefix,
  partsPrefix,
  readPartKey,
  readPartMetadata,
  type BucketPart,
  type JobLine,
  type PartSummary,
  type StoredJob,
} from '@labelfleet/contracts';
import { listAll } from './list-all.ts';

type PartBucket = Pick<ObjectStore, 'get' | 'put' | 'head' | 'list'>;

/** The parts of one job, in its destination. Each is written once. */
export class PartStore {
  readonly #bucket: PartBucket;
  readonly #destination: BucketPart;
  readonly #job: string;

  /** @param open opens a bucket */
  constructor(
    { id, destination }: Pick<StoredJob, 'id' | 'destination'>,
    open: (bucket: string) => PartBucket,
  ) {
    this.#bucket = open(destination.bucket);
    this.#destination = destination;
    this.#job = id;
  }

  /** Stores the part of a chunk (J3). `exists`: it was stored before, perhaps by an earlier try of this call. */
  async store(
    page: number,
    chunk: number,
    lines: readonly JobLine[],
    summary: PartSummary,
  ): Promise<'stored' | 'exists'> {
    const body = lines.map((line) => `${encodeJobLine(line)}\n`).join('');
    const outcome = await this.#bucket.put(this.#key(page, chunk), body, {
      contentType: 'application/x-ndjson',
      metadata: partMetadata(summary),
      onlyIf: 'absent',
    });
    return outcome.kind === 'stored' ? 'stored' : 'exists';
  }

  async exists(page: number, chunk: number): Promise<boolean> {
    return (await this.#bucket.head(this.#key(page, chunk))) !== null;
  }

  /** The chunks of a page that have a part. */
  async chunksOfPage(page: number): Promise<Set<number>> {
    const prefix = partsOfPagePrefix(this.#destination, this.#job, page);
    const chunks = new Set<number>();
    for (const key of await listAll(this.#bucket, prefix)) {
      const part = readPartKey(key);
      if (part !== undefined) chunks.add(part.chunk);
    }
    return chunks;
  }

  /** The parts of a page and of those after it, in order, at most `limit` (1 to 1000). */
  async from(page: number, limit: number): Promise<{ page: number; chunk: number }[]> {
    const after = partsOfPagePrefix(this.#destination, this.#job, page);
    const keys = await this.#bucket.list(partsPrefix(this.#destination, this.#job), limit, after);
    return keys.flatMap((key) => readPartKey(key) ?? []);
  }

  /** @throws if there is no such part, or it has no summary */
  async summary(page: number, chunk: number): Promise<PartSummary> {
    const key = this.#key(page, chunk);
    const head = await this.#bucket.head(key);
    if (head === null)
      throw new Error(`The part ${key} of the bucket ${this.#bucketName} is gone.`);
    const decoded = readPartMetadata(head.metadata);
    if (decoded.kind === 'malformed')
      throw new Error(
        `The part ${key} of the bucket ${this.#bucketName} has no summary: ${decoded.reason}`,
      );
    return decoded.value;
  }

  /** The lines of a part as stored: JSON lines. Null: there is no such part. */
  async lines(page: number, chunk: number, signal?: AbortSignal): Promise<Uint8Array | null> {
    return (await this.#bucket.get(this.#key(page, chunk), signal))?.body ?? null;
  }

  get #bucketName(): string {
    return this.#destination.bucket;
  }

  #key(page: number, chunk: number): string {
    return partKey(this.#destination, this.#job, page, chunk);
  }
}
