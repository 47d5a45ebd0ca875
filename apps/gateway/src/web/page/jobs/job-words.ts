import { isOpen } from './jobs-state.ts';
import type { Job, JobEstimate } from '@labelfleet/client/jobs';
import type { Outcome } from '../network/api.ts';
import {
  dollarRange,
  dollars,
  duration,
  durationRange,
  megabytes,
  plural,
  thousands,
} from '../words/numbers.ts';

/** Leaves out what is empty. */
const joined = (separator: string, parts: (string | 0 | false | null | undefined)[]): string =>
  parts.filter(Boolean).join(separator);

export const STATUS_WORDS: Readonly<Record<Job['status'], string>> = {
  planning: 'Listing images',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Stopped early',
  canceling: 'Being canceled',
  canceled: 'Canceled',
};

export const sourceWords = ({ source }: Pick<Job, 'source'>): string =>
  'prefix' in source ? source.prefix : source.manifest;

/** "only *.jpg · without bin/* · started Nov 26, 2026, 7:56 AM" */
export function originWords({ source, createdAt }: Pick<Job, 'source' | 'createdAt'>): string {
  const { include, exclude } = 'prefix' in source ? source : {};
  const at = new Date(createdAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return joined(' · ', [
    include && `only ${include.join(', ')}`,
    exclude && `without ${exclude.join(', ')}`,
    `started ${at}`,
  ]);
}

/** "301,998 of 1,203,441 images classified", and apart from it those that have no label; empty if there are none. */
export function countWords({ counts, status }: Pick<Job, 'counts' | 'status'>): {
  classified: string;
  failed: string;
  skipped: string;
} {
  const { listed, succeeded, failed, skipped } = counts;
  const images = plural(listed, 'image');
  const count = thousands(succeeded);
  return {
    classified:
      status === 'planning'
        ? `${images} found so far, ${count} classified`
        : `${count} of ${images} classified`,
    failed: failed > 0 ? `${thousands(failed)} failed` : '',
    skipped: skipped > 0 ? `${thousands(skipped)} left out` : '',
  };
}

/** Rate, cost and time, of what there is. */
export function factWords(job: Job, now: number): string {
  const { imagesPerSecond: rate, costUsd, estimate, maxCostUsd, createdAt, completedAt } = job;
  const soFar = isOpen(job) ? ' so far' : '';
  const cost = joined(', ', [
    costUsd === null ? 'price not known' : `${dollars(costUsd)}${soFar}`,
    estimate?.costUsd && `${dollarRange(estimate.costUsd)} expected`,
    maxCostUsd && `at most ${dollars(maxCostUsd)}`,
  ]);
  return joined(' · ', [
    soFar && rate !== undefined && `${rate < 10 ? rate : thousands(rate)} images/s`,
    cost,
    completedAt === undefined
      ? completionWords(job, now)
      : `took ${duration(Date.parse(completedAt) - Date.parse(createdAt))}`,
  ]);
}

function completionWords({ estimatedCompletion: expected }: Job, now: number): string {
  if (expected === undefined) return '';
  const [low, high] = [expected.earliest, expected.latest].map((at) => Date.parse(at) - now);
  if (high === undefined || low === undefined || high < 1_500) return 'ready any moment';
  return low < 1_000 ? `ready within ${duration(high)}` : `ready in ${durationRange(low, high)}`;
}

/** "1,203,441 images, 96 GB: $3.10 to $3.60, 41 to 55 min with 20 workers." */
export function estimateSentence({
  images,
  bytes,
  complete,
  costUsd,
  seconds,
  workers,
}: JobEstimate): string {
  const size = bytes === undefined ? '' : `, ${megabytes(bytes)}`;
  const more = complete ? '' : ' and more';
  const cost = costUsd === null ? 'price not known' : dollarRange(costUsd);
  const time = durationRange(1000 * seconds.low, 1000 * seconds.high);
  return `${plural(images, 'image')}${size}${more}: ${cost}, ${time} with ${plural(workers, 'worker')}.`;
}

/** What a screen reader says of a job that was completed. */
export function endWords(job: Job): string {
  const { classified, failed } = countWords(job);
  return joined(', ', [`${STATUS_WORDS[job.status]}: ${sourceWords(job)}`, classified, failed]);
}

export const runningWords = (jobs: readonly Job[]): string => {
  const open = jobs.filter(isOpen).length;
  return open > 0 ? `${open} running` : 'Classify everything below an address in S3';
};

const UNANSWERED = {
  offline: 'This browser is offline.',
  'no answer': 'The gateway does not answer.',
  'not the gateway': 'Something between this browser and the gateway answers in its place.',
};

/** Why a call about a job came to nothing, and what to do. */
export const failureWords = (
  failed: Exclude<Outcome<unknown>, { kind: 'answer' }>,
  ifUnanswered = 'Try again.',
): { text: string; more: string } =>
  failed.kind === 'problem'
    ? { text: `${failed.problem.title}.`, more: failed.problem.detail }
    : { text: UNANSWERED[failed.trouble], more: ifUnanswered };
