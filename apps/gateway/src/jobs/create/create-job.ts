import type { Queue } from '@labelfleet/aws/queue';
import {
  encodeJobMessage,
  requestIdTime,
  type ApiKey,
  type JobEstimate,
  type JobSource,
  type RequestOptions,
  type StoredJob,
} from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import type { Logger } from '@labelfleet/runtime';
import type { IdempotencyKey } from '../../accept/idempotency/idempotency-records.ts';
import type { AwsHealth } from '../../http/aws-health.ts';
import { refuse, refuseOverloaded, type Refusal } from '../../http/problem.ts';
import type { CallerLimits } from '../../limits/caller-limits.ts';
import type { JobEvents } from '../job-events.ts';
import { admitJob, hasLimits } from './admit-job.ts';
import { claimJob, findClaimed, type ClaimDeps } from './claim-job.ts';
import { estimateSource, type EstimateDeps } from './estimate-source.ts';
import { findSource, type SourceDeps } from './find-source.ts';
import { locateJob, type JobPlaces, type JobRequest, type LocatedJob } from './job-request.ts';

export interface CreateJobDeps extends ClaimDeps, SourceDeps, EstimateDeps {
  jobs: Pick<JobStore, 'job' | 'create' | 'summary'>;
  /** Undefined: this gateway creates no jobs. */
  batchQueue: Pick<Queue, 'send'> | undefined;
  jobPlaces: JobPlaces;
  jobEvents: Pick<JobEvents, 'changed'>;
  callerLimits: Pick<CallerLimits, 'admitJob'>;
  health: Pick<AwsHealth, 'suspect'>;
}

export interface NewJob {
  /** Of the job, unless an earlier request had its idempotency key. */
  id: string;
  body: JobRequest;
  /** `topK`, `minPrecision`, caller and receiver. */
  options: RequestOptions;
  key: ApiKey | undefined;
  idempotencyKey: IdempotencyKey | undefined;
}

export type CreatedJob =
  | { kind: 'created'; job: StoredJob; isRepeat: boolean }
  | { kind: 'estimated'; estimate: JobEstimate }
  | Refusal;

/** The answer of a gateway without a batch queue. */
export const NO_JOBS = refuse(
  'not-found',
  'This gateway creates no jobs, because BATCH_QUEUE_URL is not set.',
);

const DISCONNECTED = refuse(
  'missing-image',
  'The connection closed while the images were counted. Send the job again.',
);

/**
 * Creates a job (J1): it is accepted when the batch queue has acknowledged its plan message. With an idempotency key, a
 * repeat takes the same steps for the same job. A dry run ends with the estimate.
 * @param scope `signal`: aborted when the client disconnects
 */
export async function createJob(
  deps: CreateJobDeps,
  request: NewJob,
  scope: { log: Logger; signal: AbortSignal },
): Promise<CreatedJob> {
  const { batchQueue, jobPlaces } = deps;
  const { log, signal } = scope;
  if (batchQueue === undefined) return NO_JOBS;
  const { body, key, idempotencyKey } = request;
  const earlier =
    idempotencyKey && !body.dryRun ? await findClaimed(deps, idempotencyKey, request) : undefined;
  if (earlier?.kind === 'refused') return earlier;
  if (earlier?.stored !== undefined) return start(deps, batchQueue, earlier.stored, true, log);

  const located = locateJob(body, jobPlaces);
  if (located.kind === 'refused') return located;
  const found = await findSource(deps, body.source, located.source);
  if (found.kind === 'refused') return found;
  const { source } = found;
  const isCounted = body.dryRun || body.maxCostUsd !== undefined || hasLimits(key);
  const estimated = isCounted ? await estimateSource(deps, source, body, scope) : undefined;
  if (estimated?.kind === 'refused') return estimated;
  if (signal.aborted) return DISCONNECTED;
  const estimate = estimated?.estimate;
  if (body.dryRun && estimate !== undefined) return { kind: 'estimated', estimate };

  const admission = await admitJob(deps, key, body, estimate);
  if (admission.kind === 'refused') return admission;
  using admitted = admission;
  const claimed = idempotencyKey && (await claimJob(deps, idempotencyKey, request));
  if (claimed?.kind === 'refused') return claimed;
  const { id, options, isRepeat } = { isRepeat: false, ...request, ...claimed };
  const job = describe(jobPlaces, { ...request, id, options }, { ...located, source });
  const stored =
    claimed?.stored ??
    (await deps.jobs.create({
      ...job,
      ...(admitted.maxImages !== undefined && { maxImages: admitted.maxImages }),
      ...(admitted.maxUsd !== undefined && { maxCostUsd: admitted.maxUsd }),
      ...(estimate && { estimate }),
    }));
  if (claimed?.stored === undefined) admitted.keep();
  return start(deps, batchQueue, stored, isRepeat, log);
}

function describe(
  { sources }: JobPlaces,
  { id, body, options }: Pick<NewJob, 'id' | 'body' | 'options'>,
  { source, destination }: Pick<LocatedJob, 'destination'> & { source: JobSource },
): StoredJob {
  const { completeWithinSeconds, maxCostUsd } = body;
  const { caller, notify, topK, minPrecision } = options;
  return {
    v: 1,
    id,
    ...(caller !== undefined && { caller }),
    ...(notify !== undefined && { notify }),
    createdAt: requestIdTime(id).toISOString(),
    ...{ source, topK },
    ...(minPrecision !== undefined && { minPrecision }),
    ...(completeWithinSeconds !== undefined && { completeWithinSeconds }),
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    destination,
    readable: [...sources],
  };
}

/** Sends the plan message of a stored job, unless it is completed. A plan message that comes twice does no harm (J2). */
async function start(
  { jobs, jobEvents, health }: CreateJobDeps,
  batchQueue: Pick<Queue, 'send'>,
  job: StoredJob,
  isRepeat: boolean,
  log: Logger,
): Promise<CreatedJob> {
  const { id } = job;
  // The repeated one may have ended between any two steps.
  if (isRepeat) await jobs.create(job);
  const created = { kind: 'created', job, isRepeat } as const;
  if (isRepeat && (await jobs.summary(id)) !== undefined) return created;
  try {
    await batchQueue.send({ body: encodeJobMessage({ v: 1, type: 'plan', job: id }) });
  } catch (error) {
    health.suspect();
    log.warn({ event: 'job.send-failed', error, job: id }, 'plan message not sent');
    return refuseOverloaded(
      'The queue did not acknowledge the job; it may have been accepted. Repeat it with the same Idempotency-Key, and there is one job. Without a key, a repeat may be a second job.',
    );
  }
  log.info({ event: 'job.created', job: id, source: job.source, isRepeat }, 'job created');
  await jobEvents.changed(log);
  return created;
}
