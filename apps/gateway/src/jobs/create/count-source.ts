import type { ListedObject, ObjectStore } from '@labelfleet/aws/store';
import type { JobSource } from '@labelfleet/contracts';
import { keyFilter } from '@labelfleet/jobs';
import type { CountedSource } from '@labelfleet/scaling/jobs';
import { setImmediate } from 'node:timers/promises';
import { refuse, refuseOverloaded, type Refusal } from '../../http/problem.ts';
import type { SourceDeps } from './find-source.ts';

/** A load balancer closes a connection on which nothing is sent for 60 s. */
const COUNT_WITHIN_MS = 45_000;
const MOST_COUNTS_AT_ONCE = 4;
/** A count that ends now has begun this long ago at most. */
const COUNTS_END_IN_SECONDS = 15;

/** As many keys as S3 lists in one call. */
const MOST_KEYS = 1_000;
const RANGE_BYTES = 2 * 1024 * 1024;
/** Patterns are matched for this long before other requests get their turn. */
const MATCHING_MS = 10;

export interface CountDeps extends SourceDeps {
  monotonicMs: () => number;
}

/** Counts the images of sources, a few sources at once and each with the memory of one call. */
export class SourceCounter {
  readonly #deps: CountDeps;
  #running = 0;

  constructor(deps: CountDeps) {
    this.#deps = deps;
  }

  /**
   * Counts what it can in 45 s.
   * @param signal ends the count early
   */
  async count(
    source: JobSource,
    signal: AbortSignal,
  ): Promise<({ kind: 'counted' } & CountedSource) | Refusal> {
    if (this.#running >= MOST_COUNTS_AT_ONCE)
      return refuseOverloaded(
        'The gateway already counts the images of as many jobs as it can. Try again shortly.',
        COUNTS_END_IN_SECONDS,
      );
    const { storeOf, monotonicMs } = this.#deps;
    const endsAtMs = monotonicMs() + COUNT_WITHIN_MS;
    const goesOn = () => !signal.aborted && monotonicMs() < endsAtMs;
    this.#running += 1;
    try {
      const store = storeOf(source.bucket);
      const counted =
        source.kind === 'prefix'
          ? await countPrefix(source, store, goesOn)
          : await countManifest(source, store, goesOn);
      return 'refused' in counted ? counted.refused : { kind: 'counted', ...counted };
    } finally {
      this.#running -= 1;
    }
  }
}

async function countPrefix(
  source: Extract<JobSource, { kind: 'prefix' }>,
  store: Pick<ObjectStore, 'listObjects'>,
  goesOn: () => boolean,
): Promise<CountedSource> {
  const isWanted = keyFilter(source);
  let [images, bytes, after] = [0, 0, ''];
  while (goesOn()) {
    const objects = await store.listObjects(source.prefix, MOST_KEYS, after);
    let pausedAtMs = performance.now();
    for (const object of objects) {
      if (performance.now() - pausedAtMs > MATCHING_MS) {
        await setImmediate();
        pausedAtMs = performance.now();
      }
      if (isFolder(object) || !isWanted(object.key)) continue;
      images += 1;
      bytes += object.size;
    }
    const last = objects.at(-1);
    if (last === undefined || objects.length < MOST_KEYS) return { images, bytes, complete: true };
    after = last.key;
  }
  return { images, bytes, complete: false };
}

/** The S3 console creates such an object for a folder. */
const isFolder = ({ key, size }: ListedObject) => size === 0 && key.endsWith('/');

/** Every line that is not blank is an image, or the failure of one. */
async function countManifest(
  { key, etag, bytes: size }: Extract<JobSource, { kind: 'manifest' }>,
  store: Pick<ObjectStore, 'getRange'>,
  goesOn: () => boolean,
): Promise<CountedSource | { refused: Refusal }> {
  let [images, start] = [0, 0];
  let isBlank = true;
  while (start < size) {
    if (!goesOn()) return { images, complete: false };
    const range = await store.getRange(key, { start, limit: RANGE_BYTES, etag });
    if (range.kind !== 'range')
      return {
        refused: refuse(
          'not-found',
          `The manifest ${key} was ${range.kind === 'missing' ? 'deleted' : 'changed'} while it was read. Store it under a key that nobody changes.`,
        ),
      };
    for (const byte of range.body) {
      if (byte === NEWLINE) {
        if (!isBlank) images += 1;
        isBlank = true;
      } else if (byte > SPACE) isBlank = false;
    }
    start += range.body.length;
  }
  return { images: images + (isBlank ? 0 : 1), complete: true };
}

const NEWLINE = 0x0a;
/** Tabs, carriage returns and spaces are up to here. */
const SPACE = 0x20;
