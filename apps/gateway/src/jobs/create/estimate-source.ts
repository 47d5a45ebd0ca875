import type { JobEstimate, JobSource } from '@labelfleet/contracts';
import type { Prices } from '@labelfleet/scaling/cost';
import { estimateJob } from '@labelfleet/scaling/jobs';
import type { Refusal } from '../../http/problem.ts';
import type { FleetView } from '../../routes/fleet-view.ts';
import type { SourceCounter } from './count-source.ts';
import type { JobRequest } from './job-request.ts';

export interface EstimateDeps {
  sourceCounter: Pick<SourceCounter, 'count'>;
  fleet: Pick<FleetView, 'latest'>;
  prices: Prices;
}

/** Counts the images of a source and says what a job would cost. */
export async function estimateSource(
  { sourceCounter, fleet, prices }: EstimateDeps,
  source: JobSource,
  { completeWithinSeconds }: Pick<JobRequest, 'completeWithinSeconds'>,
  signal: AbortSignal,
): Promise<{ kind: 'estimated'; estimate: JobEstimate } | Refusal> {
  const counted = await sourceCounter.count(source, signal);
  if (counted.kind === 'refused') return counted;
  const snapshot = await fleet.latest();
  const job = { ...counted, completeWithinSeconds };
  return { kind: 'estimated', estimate: estimateJob(job, snapshot, prices) };
}
