import { randomKey } from '@labelfleet/client';
import { isCompletedJob, type Job, type JobRequest, type Jobs } from '@labelfleet/client/jobs';
import { createHash } from 'node:crypto';
import type { PreparedSource } from './prepare-source.ts';

interface Start {
  request: JobRequest;
  notify: string | undefined;
  /** Start another job in any case. */
  another: boolean;
  signal: AbortSignal;
  /** Unix milliseconds. */
  nowMs: number;
}

/** A job that is older was not created by this run of the command. */
const CREATED_BY_THIS_RUN_MS = 60_000;

/**
 * Starts a job, or finds the one with the same arguments while it runs, and afterwards if it has succeeded and its
 * images are certainly the same: under a prefix there may be others by now.
 */
export async function startJob(
  jobs: Pick<Jobs, 'create'>,
  { isFixed }: Pick<PreparedSource, 'isFixed'>,
  { request, notify, another, signal, nowMs }: Start,
): Promise<{ job: Job; isNew: boolean }> {
  for (let before = ''; ;) {
    const idempotencyKey = another ? randomKey() : keyOf({ request, notify, before });
    const job = await jobs.create(request, { idempotencyKey, notify, signal });
    const isNew = Date.parse(job.createdAt) >= nowMs - CREATED_BY_THIS_RUN_MS;
    const isUsable = job.status === 'succeeded' ? isFixed || isNew : !isCompletedJob(job);
    if (isUsable || another) return { job, isNew };
    before = job.id;
  }
}

const keyOf = (job: object) => createHash('sha256').update(JSON.stringify(job)).digest('hex');
