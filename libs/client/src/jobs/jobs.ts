import { callsOf, type CallOptions } from '../call.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { ServerEvent } from '../event-stream.ts';
import { followEvents, type FollowOptions, type News } from '../follow.ts';
import { randomKey } from '../image.ts';
import { targetOf, type ClientOptions, type Target } from '../target.ts';
import { poll } from '../wait.ts';
import { download } from './download.ts';
import type { Job, JobEstimate, JobLine, JobRequest } from './wire.ts';

export type * from './wire.ts';

export interface CreateJobOptions extends CallOptions {
  /** Default: a random one. With the same key, a later call gets this job. */
  idempotencyKey?: string | undefined;
  /** The name of the webhook receiver that is notified when the job is completed. */
  notify?: string | undefined;
}

export interface DownloadOptions extends CallOptions {
  /** Default: `jsonl`. */
  format?: 'jsonl' | 'csv' | undefined;
}

/** Calls labelfleet about jobs, and repeats every call as the client does. */
export interface Jobs {
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
  /** The results so far, failed images included, in the order of the source. */
  results(id: string, options?: CallOptions): AsyncGenerator<JobLine, void>;
  /** The results of the images that failed. */
  errors(id: string, options?: CallOptions): AsyncGenerator<JobLine, void>;
  /** Results or errors as the bytes of a file. */
  download(
    id: string,
    what: 'results' | 'errors',
    options?: DownloadOptions,
  ): AsyncGenerator<Uint8Array, void>;
}

/** The source may be listed for an estimate before the answer. */
const CREATE_TIMEOUT_MS = 120_000;
/** Reading a job costs the gateway a few listings. */
const POLL_EVERY_MS = 10_000;

export function createJobs(options: ClientOptions, clock: Clock = systemClock): Jobs {
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
  const downloadFile: Jobs['download'] = (id, what, { format = 'jsonl', ...options } = {}) =>
    download(
      target,
      { path: `v1/jobs/${id}/${what}?format=${format}`, headers: { accept: '*/*' } },
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
    results: (id, options) => lines(downloadFile(id, 'results', options)),
    errors: (id, options) => lines(downloadFile(id, 'errors', options)),
    download: downloadFile,
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

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JobLine, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n');
    const complete = [rest + first, ...more];
    rest = complete.pop() ?? '';
    for (const line of complete) if (line !== '') yield JSON.parse(line) as JobLine;
  }
  if (rest !== '') yield JSON.parse(rest) as JobLine;
}
