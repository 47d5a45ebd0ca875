import { AwsCallError, isDenied } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import type { JobSource, PageImage, SourcePosition, StoredJob } from '@labelfleet/contracts';
import { keyFilter } from '@labelfleet/jobs';
import { setImmediate } from 'node:timers/promises';
import { readManifestRange, type ManifestPosition } from './manifest-range.ts';

/** What one call found. `unreadable`: the job cannot go on; `detail` says what to do. */
export type SourceRead =
  | {
      kind: 'read';
      images: PageImage[];
      /** Of the images whose size the source names. */
      bytes: number;
      /** Null: the end of the source. */
      next: SourcePosition | null;
    }
  | { kind: 'unreadable'; detail: string };

type SourceBucket = Pick<ObjectStore, 'listObjects' | 'getRange'>;
type Prefix = Extract<JobSource, { kind: 'prefix' }>;
type Manifest = Extract<JobSource, { kind: 'manifest' }>;

/**
 * Reads on in a source, with one call.
 * @param room the most images to find
 * @throws what the call threw
 */
export function readSource(
  job: StoredJob,
  position: SourcePosition,
  room: number,
  bucket: SourceBucket,
): Promise<SourceRead> {
  const { source } = job;
  if (source.kind === 'prefix' && 'afterKey' in position)
    return readPrefix(source, position.afterKey, room, bucket);
  if (source.kind === 'manifest' && 'atByte' in position)
    return readManifest(job, source, position, room, bucket);
  throw new Error(`A ${source.kind} has no position ${JSON.stringify(position)}.`);
}

/** Patterns are matched for this long before other work gets its turn. */
const MATCHING_MS = 10;

async function readPrefix(
  source: Prefix,
  after: string,
  room: number,
  bucket: SourceBucket,
): Promise<SourceRead> {
  const objects = await bucket.listObjects(source.prefix, room, after);
  const isWanted = keyFilter(source);
  const images: PageImage[] = [];
  let bytes = 0;
  let pausedAtMs = performance.now();
  for (const { key, size } of objects) {
    if (performance.now() - pausedAtMs > MATCHING_MS) {
      await setImmediate();
      pausedAtMs = performance.now();
    }
    if (isFolder(key, size) || !isWanted(key)) continue;
    images.push({ key, bytes: size });
    bytes += size;
  }
  const last = objects.at(-1);
  const isEnd = last === undefined || objects.length < room;
  return { kind: 'read', images, bytes, next: isEnd ? null : { afterKey: last.key } };
}

/** The S3 console creates such an object for a folder. */
const isFolder = (key: string, size: number) => size === 0 && key.endsWith('/');

/** A thousand lines of usual length; more than the longest line. */
const RANGE_BYTES = 256 * 1024;

async function readManifest(
  job: StoredJob,
  { bucket: name, key, etag, bytes: size }: Manifest,
  position: ManifestPosition,
  room: number,
  bucket: SourceBucket,
): Promise<SourceRead> {
  if (position.atByte >= size) return { kind: 'read', images: [], bytes: 0, next: null };
  const limit = RANGE_BYTES;
  const range = await bucket.getRange(key, { start: position.atByte, limit, etag });
  if (range.kind !== 'range') return { kind: 'unreadable', detail: manifestLost(name, key, range) };
  const isEnd = position.atByte + range.body.byteLength >= range.size;
  const read = readManifestRange(job, position, { bytes: range.body, isEnd, room });
  return { kind: 'read', ...read, bytes: 0 };
}

const manifestLost = (bucket: string, key: string, { kind }: { kind: 'missing' | 'changed' }) =>
  `The manifest s3://${bucket}/${key} ${kind === 'missing' ? 'was deleted' : 'changed'} while the job read it. Store it under a key that nobody changes, and start a new job for the images that have no result.`;

/**
 * What the caller or the operator must do about a failed call to a source; undefined if the failure may pass.
 * @param isTransient whether a failure may pass
 */
export function unreadableSource(
  { source }: Pick<StoredJob, 'source'>,
  error: unknown,
  isTransient: (error: unknown) => boolean,
): string | undefined {
  if (!(error instanceof AwsCallError) || isTransient(error)) return undefined;
  const { bucket, kind } = source;
  const name =
    kind === 'prefix' ? `s3://${bucket}/${source.prefix}` : `s3://${bucket}/${source.key}`;
  const { code, message } = error;
  if (code === 'NoSuchBucket')
    return `The bucket ${bucket} does not exist. Start a new job with another source.`;
  if (isDenied(error))
    return kind === 'prefix'
      ? `The workers may not list ${name} (${code}). Operator: give their role s3:ListBucket and s3:GetObject for it, in its policy and in that of the bucket. Then start a new job.`
      : `The workers may not read the manifest ${name} (${code}), or it was deleted. Operator: give their role s3:GetObject for it, in its policy and in that of the bucket. Then start a new job.`;
  return `The source ${name} cannot be read: ${message}. Correct what S3 reports, and start a new job.`;
}
