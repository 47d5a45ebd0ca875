import { sourceAsWritten, type FleetSnapshot, type JobView } from '@labelfleet/contracts';
import type { Prices } from '@labelfleet/scaling/cost';
import { estimateJob } from '@labelfleet/scaling/jobs';
import type { JobState } from './job-memory.ts';

export const jobPath = (basePath: string, id: string): string => `${basePath}/v1/jobs/${id}`;

export const isCompleted = ({ summary }: Pick<JobState, 'summary'>): boolean =>
  summary !== undefined;

/** What the estimate of the time left rests on. */
export interface ViewScope {
  basePath: string;
  /** Undefined: the state of the fleet is not known. */
  fleet: FleetSnapshot | undefined;
  prices: Prices;
  /** Unix milliseconds. */
  now: number;
}

/** A job as callers see it. */
export function jobView(state: JobState, scope: ViewScope): JobView {
  const { job, plan, summary, counts, listed, imagesPerSecond } = state;
  const { id, topK, minPrecision, completeWithinSeconds, maxCostUsd, estimate, createdAt } = job;
  const { bucket, prefix } = job.destination;
  const self = jobPath(scope.basePath, id);
  const { succeeded, failed, skipped, nanoUsd } = counts;
  const isListed = plan !== undefined || summary !== undefined;
  const remaining = Math.max(0, listed - succeeded - failed - skipped);
  const estimatedCompletion = expectCompletion(state, remaining, scope);
  const stop = stopOf(state);
  return {
    id,
    status: statusOf(state),
    source: sourceAsWritten(job),
    destination: `s3://${bucket}/${prefix}${id}/`,
    topK,
    ...(minPrecision !== undefined && { minPrecision }),
    ...(completeWithinSeconds !== undefined && { completeWithinSeconds }),
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    createdAt,
    ...(summary && { completedAt: summary.completedAt }),
    counts: { listed, succeeded, failed, skipped, remaining: isListed ? remaining : null },
    ...(imagesPerSecond !== undefined && { imagesPerSecond: rounded(imagesPerSecond) }),
    ...(estimatedCompletion && { estimatedCompletion }),
    costUsd: nanoUsd === null ? null : nanoUsd / 1e9,
    ...(estimate && { estimate }),
    ...(stop && { stop }),
    links: {
      self,
      events: `${self}/events`,
      results: `${self}/results`,
      errors: `${self}/errors`,
      cancel: `${self}/cancel`,
    },
  };
}

function statusOf({ summary, plan, stop }: JobState): JobView['status'] {
  if (summary !== undefined) return summary.status;
  if (stop?.reason === 'canceled') return 'canceling';
  return plan === undefined ? 'planning' : 'running';
}

/** A stop that came after the last image is none. */
function stopOf({ summary, stop }: JobState): JobView['stop'] {
  if (summary !== undefined) return summary.stop;
  return stop && { reason: stop.reason, detail: stop.detail, at: stop.at };
}

/** The rate of the last minute may rise, as more workers come up, or fall, as single images come first. */
const RATE_SPREAD = { low: 0.6, high: 1.5 };
/** A measurement of fewer images says little. */
const LEAST_MEASURED = 100;

function expectCompletion(
  { job, plan, summary, stop, counts, imagesPerSecond }: JobState,
  listedRemaining: number,
  { fleet, prices, now }: ViewScope,
): JobView['estimatedCompletion'] {
  if (summary !== undefined || stop !== undefined) return undefined;
  const done = counts.succeeded + counts.failed + counts.skipped;
  const expected = job.estimate?.complete === true ? job.estimate.images : undefined;
  const images =
    plan !== undefined ? listedRemaining : expected && Math.max(listedRemaining, expected - done);
  if (images === undefined) return undefined;
  const at = ({ low, high }: { low: number; high: number }) => ({
    earliest: new Date(now + 1000 * low).toISOString(),
    latest: new Date(now + 1000 * high).toISOString(),
  });
  if (imagesPerSecond !== undefined && imagesPerSecond > 0)
    return at({
      low: images / (imagesPerSecond * RATE_SPREAD.high),
      high: images / (imagesPerSecond * RATE_SPREAD.low),
    });
  if (fleet === undefined) return undefined;
  const measured = counts.succeeded + counts.failed;
  const jobImageSeconds = counts.busyMs / 1000 / measured;
  const learned =
    measured >= LEAST_MEASURED && jobImageSeconds > 0
      ? { ...fleet.learned, jobImageSeconds }
      : fleet.learned;
  const { completeWithinSeconds } = job;
  const left =
    completeWithinSeconds && completeWithinSeconds - (now - Date.parse(job.createdAt)) / 1000;
  return at(
    estimateJob(
      { images, complete: true, completeWithinSeconds: left },
      // The images of this job are among those of all jobs.
      { ...fleet, learned, jobs: undefined },
      prices,
    ).seconds,
  );
}

const rounded = (rate: number): number => Number(rate.toPrecision(3));
