import type { JobEstimate, ApiKey } from '@labelfleet/contracts';
import { refuse, type Refusal } from '../../http/problem.ts';
import type { CallerLimits, JobAdmission } from '../../limits/caller-limits.ts';
import type { JobRequest } from './job-request.ts';

/** A key that has any limit: its jobs are counted before they are created. */
export const hasLimits = (key: ApiKey | undefined): key is ApiKey =>
  key?.imagesPerMinute !== undefined ||
  key?.imagesPerDay !== undefined ||
  key?.dailyBudgetUsd !== undefined;

const NO_LIMITS: JobAdmission = {
  kind: 'admitted',
  keep: () => {},
  [Symbol.dispose]: () => {},
  maxImages: undefined,
  maxUsd: undefined,
};

/**
 * Admits a job within its own limit and those of its caller.
 * @param estimate undefined: the source was not counted, because there is no limit
 */
export async function admitJob(
  { callerLimits }: { callerLimits: Pick<CallerLimits, 'admitJob'> },
  key: ApiKey | undefined,
  { maxCostUsd }: Pick<JobRequest, 'maxCostUsd'>,
  estimate: JobEstimate | undefined,
): Promise<JobAdmission | Refusal> {
  if (estimate === undefined) return NO_LIMITS;
  const { images, complete, costUsd } = estimate;
  if (maxCostUsd !== undefined && costUsd !== null && costUsd.low > maxCostUsd)
    return refuse(
      'job-over-limit',
      `The job would cost at least ${costUsd.low} USD, which is more than maxCostUsd, ${maxCostUsd}. ${estimate.basis.join(' ')}`,
    );
  if (!hasLimits(key)) return NO_LIMITS;
  if (!complete)
    return refuse(
      'job-over-limit',
      `The images of the source could not be counted in time: it has more than ${images}. A job of a key with limits must be counted. Use a manifest, which is counted faster, or several jobs with longer prefixes.`,
    );
  const highUsd = costUsd === null ? maxCostUsd : Math.min(costUsd.high, maxCostUsd ?? Infinity);
  return callerLimits.admitJob(key, { images, lowUsd: costUsd?.low, highUsd });
}
