import type { Queue, QueueDepth } from '@labelfleet/aws/queue';
import { MalformedObjectError } from '@labelfleet/aws/store';
import { encodeJobMessage, encodeWebhookMessage } from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import type { Clock, Logger } from '@labelfleet/runtime';
import { tryCall } from '../act/call-failure.ts';
import type { Webhooks } from '../dead-letters/notify.ts';
import type { Metrics } from '../metrics.ts';
import type { LookedAtJob } from './job-looks.ts';

export interface JobRepairDeps {
  batchQueue: Pick<Queue, 'send'>;
  jobs: Pick<JobStore, 'summary' | 'endActive'>;
  webhooks: Webhooks;
  /** Sends dead letters of the batch queue again. */
  resendDeadLetters: () => Promise<void>;
  /** True if this scaler leads now. */
  leads: () => boolean;
  metrics: Pick<Metrics, 'callFailed'>;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  clock: Pick<Clock, 'monotonicMs'>;
}

/** SQS's counts are approximate, so every look for this long has to find the batch queue empty. */
const EMPTY_FOR_MS = 60_000;
const PLAN_AGAIN_EVERY_MS = 5 * 60_000;

/** Repairs active jobs (J8): the messages and the last steps of a job that were lost with a process. */
export class JobRepair {
  readonly #deps: JobRepairDeps;
  /** Since when the batch queue has been empty in every look. */
  #emptySinceMs: number | undefined;
  /** When the plan message of a job was last sent again. */
  readonly #sentAtMs = new Map<string, number>();
  /** The jobs that were all done in the last look: only the worker that completed them may still be at it. */
  #doneBefore: ReadonlySet<string> = new Set();

  constructor(deps: JobRepairDeps) {
    this.#deps = deps;
  }

  /** A failed call is tried again after the next look. */
  async repair(jobs: readonly LookedAtJob[], depth: QueueDepth): Promise<void> {
    const { resendDeadLetters, leads, metrics, log } = this.#deps;
    if (!leads()) return;
    const steps = [
      resendDeadLetters,
      () => this.#endCompleted(jobs),
      () => this.#planAgain(jobs, depth),
    ];
    for (const step of steps) {
      const done = await tryCall(step);
      if (done.kind === 'answered') continue;
      metrics.callFailed('repair-jobs', 'failed');
      log.warn({ event: 'jobs.repair-failed', detail: done.detail }, 'jobs not repaired');
    }
  }

  /** The steps after the summary (J5), if the worker that stored it has not done them. */
  async #endCompleted(jobs: readonly LookedAtJob[]): Promise<void> {
    const allDone = jobs.filter((job) => job.allDone);
    const before = this.#doneBefore;
    this.#doneBefore = new Set(allDone.map(({ id }) => id));
    for (const { id, job } of allDone.filter((one) => before.has(one.id))) {
      if (!(await this.#isCompleted(id))) continue;
      await this.#notify(id, job.notify);
      await this.#deps.jobs.endActive(id);
      this.#deps.log.info(
        { event: 'job.ended', job: id },
        'active marker of completed job deleted',
      );
    }
  }

  async #isCompleted(id: string): Promise<boolean> {
    try {
      return (await this.#deps.jobs.summary(id)) !== undefined;
    } catch (error) {
      // A later version wrote it, and a scaler of that version ends the job.
      if (!(error instanceof MalformedObjectError)) throw error;
      this.#deps.log.error(
        { event: 'job.unreadable', job: id, reason: error.message },
        'job cannot be read',
      );
      return false;
    }
  }

  async #notify(id: string, receiver: string | undefined): Promise<void> {
    const { webhooks, log } = this.#deps;
    if (receiver === undefined) return;
    const webhook = { v: 1, type: 'job.completed', id, receiver } as const;
    if (webhooks === undefined)
      log.error(
        { event: 'webhook.not-sent', job: id, webhook },
        'webhook message not sent: WEBHOOK_QUEUE_URL is not set',
      );
    else await webhooks.send({ body: encodeWebhookMessage(webhook) });
  }

  async #planAgain(jobs: readonly LookedAtJob[], depth: QueueDepth): Promise<void> {
    const { batchQueue, log, clock } = this.#deps;
    const now = clock.monotonicMs();
    for (const id of this.#sentAtMs.keys())
      if (!jobs.some((job) => job.id === id)) this.#sentAtMs.delete(id);
    if (depth.visible + depth.inFlight + depth.delayed > 0) {
      this.#emptySinceMs = undefined;
      return;
    }
    this.#emptySinceMs ??= now;
    if (now - this.#emptySinceMs < EMPTY_FOR_MS) return;
    for (const { id } of jobs) {
      if (now - (this.#sentAtMs.get(id) ?? -Infinity) < PLAN_AGAIN_EVERY_MS) continue;
      await batchQueue.send({ body: encodeJobMessage({ v: 1, type: 'plan', job: id }) });
      this.#sentAtMs.set(id, now);
      // The queue is not empty after a send, even if the next count says so.
      this.#emptySinceMs = undefined;
      log.warn({ event: 'job.plan-resent', job: id }, 'plan message of job sent again');
    }
  }
}
