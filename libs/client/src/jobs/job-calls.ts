import { callsOf, type CallOptions } from '../call.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { ServerEvent } from '../event-stream.ts';
import { followEvents, type FollowOptions, type News } from '../follow.ts';
import { randomKey } from '../image.ts';
import { targetOf, type ClientOptions, type Target } from '../target.ts';
import { poll } from '../wait.ts';
import type { Job, JobEstimate, JobRequest } from './wire.ts';

export interface CreateJobOptions extends CallOptions {
  /** Default: a random one. With the same key, a later call gets this job. */
  idempotencyKey?: string | undefined;
  /** The name of the webhook receiver that is notified when the job is completed. */
  notify?: string | undefined;
}

/** The calls about jobs, without those that read results. Every call is repeated as the client does. */
export interface JobCalls {
  /** Classifies everything under a prefix or in a manifest. */
  create(request: JobRequest, options?: CreateJobOptions): Promise<Job>;
  /** What a job would cost and how long it would take. */
  estimate(request: JobRequest, options?: CallOptions): Promise<JobEstimate>;
  read(id: string, options?: CallOptions): Promise<Job>;
  /** The newest jobs first. @param after continues after this job */
  list(options?: CallOptions & { limit?: number; after?: string }): Promise<{ jobs: Job[] }>;
  /** No further image is begun. */
  cancel(id: string, options?: CallOptions): Promise<Job>;
  /** The states of a job until it is completed. */
  follow(id: string, options?: FollowOptions): AsyncGenerator<Job, void>;
}

/** The source may be listed for an estimate before the answer. */
const CREATE_TIMEOUT_MS = 120_000;
/** Reading a job costs the gateway a few listings. */
const POLL_EVERY_MS = 10_000;

/** A small part of what `createJobs` makes, for a page whose links download results. */
export function createJobCalls(options: ClientOptions, clock: Clock = systemClock): JobCalls {
  const target = targetOf(options, clock);
  const { get, post } = callsOf(target);
  const postJob = <T>(body: object, options?: CreateJobOptions) =>
    post<T>(
      'v1/jobs',
      {
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': options?.idempotencyKey ?? randomKey(),
          ...(options?.notify !== undefined && { notify: options.notify }),
        },
        timeoutMs: CREATE_TIMEOUT_MS,
      },
      options,
    );
  return {
    create: postJob,
    estimate: (request, options) => postJob({ ...request, dryRun: true }, options),
    read: (id, options) => get(`v1/jobs/${id}`, options),
    list: ({ limit, after, ...options } = {}) => {
      const query = new URLSearchParams();
      if (limit !== undefined) query.set('limit', String(limit));
      if (after !== undefined) query.set('after', after);
      return get(`v1/jobs?${query.toString()}`, options);
    },
    cancel: (id, options) => post(`v1/jobs/${id}/cancel`, {}, options),
    follow: (id, options) => followJob(target, id, options),
  };
}

export const isCompletedJob = ({ status }: Pick<Job, 'status'>): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'canceled';

async function* followJob(
  target: Target,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<Job, void> {
  if (yield* followEvents(target, `v1/jobs/${id}/events`, parseEvent, options)) return;
  yield* poll<Job>(target, `v1/jobs/${id}`, isCompletedJob, options, POLL_EVERY_MS);
}

const parseEvent = ({ type, data }: ServerEvent): News<Job> | undefined =>
  type === 'progress' || type === 'done'
    ? { value: JSON.parse(data) as Job, isLast: type === 'done' }
    : undefined;
