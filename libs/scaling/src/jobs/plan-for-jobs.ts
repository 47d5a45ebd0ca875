import type { ScalingSettings } from '../decision.ts';
import { plural } from '../plural.ts';
import type { Plan } from '../policies/index.ts';
import { hasChunks, type FleetView } from '../observation.ts';
import type { JobDemand } from './job-demand.ts';

/**
 * Adds what jobs want to a plan for requests. Workers serve requests first, so those of jobs are the same workers:
 * the larger of the two numbers is wanted. A worker with a chunk is not released before the chunk is done, because
 * its images would be classified again; only above the maximum it is, after the others.
 */
export function planForJobs(
  plan: Plan,
  demand: JobDemand,
  { workers }: FleetView,
  { maxWorkers }: Pick<ScalingSettings, 'maxWorkers'>,
): Plan {
  if (demand.known?.active === 0) return plan;
  const { desired, needed = desired, live, releasable } = plan;
  const withChunks = new Set(workers.filter(hasChunks).map(({ id }) => id));
  return {
    ...plan,
    desired: Math.max(desired, demand.workers),
    needed: Math.max(needed, demand.workers),
    releasable: [
      ...releasable.filter((id) => !withChunks.has(id)),
      ...releasable.filter((id) => withChunks.has(id)).slice(0, Math.max(0, live - maxWorkers)),
    ],
  };
}

/**
 * Example: `; 2 jobs, 81,000 images left: 6 workers until 14:05 UTC`. Empty without jobs.
 * @param withChunks workers beyond those wanted that stay because of their chunks
 */
export function explainJobs(
  { known, unknownReason, workers, wanted }: JobDemand,
  withChunks: number,
  now: number,
): string {
  if (known === null)
    return `; jobs are unknown (${unknownReason}): ${plural(workers, 'worker')} as before`;
  const { active, remaining, doneAtMs } = known;
  if (active === 0) return '';
  const images = `${remaining.toLocaleString('en-US')} image${remaining === 1 ? '' : 's'} left`;
  const most = wanted > workers ? ` at most, not ${wanted},` : '';
  const until = doneAtMs === null ? '' : ` until ${timeOf(doneAtMs, now)}`;
  const more = withChunks > 0 ? `, ${withChunks} more with chunks` : '';
  return `; ${plural(active, 'job')}, ${images}: ${plural(workers, 'worker')}${most}${until}${more}`;
}

/** `14:05 UTC`, with its date if that is not today. */
function timeOf(unixMs: number, now: number): string {
  const [day = '', time = ''] = new Date(unixMs).toISOString().split('T');
  const today = new Date(now).toISOString().startsWith(day);
  return `${today ? '' : `${day} `}${time.slice(0, 5)} UTC`;
}
