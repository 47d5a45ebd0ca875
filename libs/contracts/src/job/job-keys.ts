import { requestIdTime } from '../request/request-id.ts';
import type { BucketPart } from './job.ts';
import type { JobCounts } from './job-part.ts';

/** All keys below are in the state bucket, except those of parts. */

export const jobKey = (job: string): string => `jobs/${job}/job.json`;
export const jobPlanKey = (job: string): string => `jobs/${job}/plan.json`;
export const jobStopKey = (job: string): string => `jobs/${job}/stop.json`;
export const jobSummaryKey = (job: string): string => `jobs/${job}/summary.json`;

/** The prefix of the active markers: empty objects that name the jobs which are not completed. */
export const ACTIVE_JOB_PREFIX = 'jobs/active/';
export const activeJobKey = (job: string): string => `${ACTIVE_JOB_PREFIX}${job}`;
export const jobOfActiveKey = (key: string): string => key.slice(ACTIVE_JOB_PREFIX.length);

const HEX_OF_TIME = 12;

/**
 * The prefix of the list of a caller's jobs: empty objects whose keys sort the newest job first.
 * @param caller undefined: of callers without a key
 */
export const jobListPrefix = (caller: string | undefined): string =>
  `job-lists/${caller === undefined ? 'anonymous' : `caller/${caller}`}/`;
export function jobListKey(caller: string | undefined, job: string): string {
  const left = 2 ** 48 - 1 - requestIdTime(job).getTime();
  return `${jobListPrefix(caller)}${left.toString(16).padStart(HEX_OF_TIME, '0')}-${job}`;
}
export const jobOfListKey = (key: string): string =>
  key.slice(key.lastIndexOf('/') + 1).slice(HEX_OF_TIME + 1);

const PAGE_DIGITS = 7;
const CHUNK_DIGITS = 4;
const padded = (number: number, digits: number) => String(number).padStart(digits, '0');

export const pagePrefix = (job: string): string => `jobs/${job}/pages/`;
export const pageKey = (job: string, page: number): string =>
  `${pagePrefix(job)}${padded(page, PAGE_DIGITS)}.json`;
export const pageOfKey = (key: string): number =>
  Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10);

/** The prefix of the page markers: empty objects, one for each page that is done, whose keys hold its counts. */
export const pageMarkerPrefix = (job: string): string => `jobs/${job}/done/`;

/**
 * The marker of a page. All writers of a page count the same parts, which are written once, so they write the same key.
 */
export function pageMarkerKey(job: string, page: number, counts: JobCounts): string {
  const { succeeded, failed, skipped, nanoUsd, busyMs } = counts;
  const fields = [
    padded(page, PAGE_DIGITS),
    succeeded,
    failed,
    skipped,
    nanoUsd ?? 'unpriced',
    busyMs,
  ];
  return `${pageMarkerPrefix(job)}${fields.join('-')}`;
}

const MARKER = /\/(\d+)-(\d+)-(\d+)-(\d+)-(\d+|unpriced)-(\d+)$/;

/** Undefined: the key is none of a page marker. */
export function readPageMarker(key: string): ({ page: number } & JobCounts) | undefined {
  const match = MARKER.exec(key);
  if (match === null) return undefined;
  const field = (index: number) => Number(match[index]);
  return {
    page: field(1),
    succeeded: field(2),
    failed: field(3),
    skipped: field(4),
    nanoUsd: match[5] === 'unpriced' ? null : field(5),
    busyMs: field(6),
  };
}

/** The prefix of all parts of a job, in its destination's bucket. */
export const partsPrefix = ({ prefix }: BucketPart, job: string): string => `${prefix}${job}/`;
export const partsOfPagePrefix = (destination: BucketPart, job: string, page: number): string =>
  `${partsPrefix(destination, job)}${padded(page, PAGE_DIGITS)}-`;
/** The part of a chunk: the lines of its images. */
export const partKey = (
  destination: BucketPart,
  job: string,
  page: number,
  chunk: number,
): string => `${partsOfPagePrefix(destination, job, page)}${padded(chunk, CHUNK_DIGITS)}.jsonl`;

const PART = /(\d+)-(\d+)\.jsonl$/;

/** Page and chunk of a part; undefined if the key is none of a part. */
export function readPartKey(key: string): { page: number; chunk: number } | undefined {
  const [, page, chunk] = PART.exec(key) ?? [];
  return page === undefined ? undefined : { page: Number(page), chunk: Number(chunk) };
}

/** The attempt record of a chunk. */
export const chunkAttemptsKey = (job: string, page: number, chunk: number): string =>
  `attempts/jobs/${job}/${padded(page, PAGE_DIGITS)}-${padded(chunk, CHUNK_DIGITS)}`;
