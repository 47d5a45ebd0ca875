import type { Job, JobRequest, Jobs } from '@labelfleet/client/jobs';
import { isCompletedJob } from '@labelfleet/client/jobs';
import { randomKey } from '@labelfleet/client';
import { createHash } from 'node:crypto';
import type { PreparedSource } from './prepare-source.ts';

interface Start {
  request: JobRequest;
  notify: string | undefined;
  /** Start another job in any case. */
  another: boolean;
  signal: AbortSignal;
}

/** A job that is older was not created by this run of the command. */
const CREATED_BY_THIS_RUN_MS = 60_000;

/**
 * Starts a job, or finds the one with the same arguments: it is followed while it runs. A completed one is only found
 * if its images are certainly the same; under a prefix there may be others by now.
 */
export async function startJob(
  jobs: Pick<Jobs, 'create'>,
  { isFixed }: Pick<PreparedSource, 'isFixed'>,
  { request, notify, another, signal }: Start,
): Promise<{ job: Job; isNew: boolean }> {
  const startedAtMs = Date.now();
  const isOld = ({ createdAt }: Job) =>
    Date.parse(createdAt) < startedAtMs - CREATED_BY_THIS_RUN_MS;
  for (let before = ''; ;) {
    const idempotencyKey = another ? randomKey() : keyOf({ request, notify, before });
    const job = await jobs.create(request, { idempotencyKey, notify, signal });
    const isOver = isCompletedJob(job) && !isFixed && isOld(job);
    if (!isOver) return { job, isNew: !isOld(job) };
    before = job.id;
  }
}

const keyOf = (job: object) => createHash('sha256').update(JSON.stringify(job)).digest('hex');
