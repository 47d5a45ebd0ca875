import type { QueueAdmin } from '@labelfleet/aws/queue';
import type { Clock, Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import { isOrphaned } from './orphaned-reply-queue.ts';
import { tryCall } from '../act/call-failure.ts';

const SWEEP_EVERY_MS = 5 * 60 * 1000;

interface SweepDeps {
  queues: Pick<QueueAdmin, 'list' | 'tags' | 'delete'>;
  /** Prefix of the names of the gateways' reply queues. */
  namePrefix: string;
  /** URLs of queues that are never deleted, whatever their names and tags. */
  keep: readonly string[];
  metrics: Pick<Metrics, 'sweptReplyQueue'>;
  log: Logger;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
}

/** Sweeps at once and then every 5 min until aborted; resolves then. */
export async function sweepReplyQueuesPeriodically(
  deps: SweepDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sweepReplyQueues(deps, signal);
    await deps.clock.sleep(SWEEP_EVERY_MS, signal);
  }
}

/**
 * Deletes the reply queues of dead gateways: a killed gateway leaves its queue behind. If the gateway is alive
 * after all, it creates another queue, and its callers find their results in the store (P11). Failures are logged,
 * and the next sweep tries again.
 */
export async function sweepReplyQueues(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  const { queues, namePrefix, keep, metrics, log, clock } = deps;
  const listed = await tryCall(() => queues.list(namePrefix));
  if (listed.kind === 'failed')
    return log.warn(
      { event: 'reply-queue.list-failed', detail: listed.detail },
      'reply queues not listed',
    );
  // Sequential, because SQS limits these calls to a few a second and a sweep has time.
  for (const replyQueue of listed.answer) {
    if (signal.aborted) return;
    if (keep.includes(replyQueue)) continue;
    const swept = await tryCall(async () => {
      const tags = await queues.tags(replyQueue);
      if (tags === 'queue-gone' || !isOrphaned(tags, clock.unixMs())) return undefined;
      await queues.delete(replyQueue);
      return tags;
    });
    if (swept.kind === 'failed') {
      metrics.sweptReplyQueue('failed');
      log.warn(
        { event: 'reply-queue.sweep-failed', replyQueue, detail: swept.detail },
        'reply queue sweep failed',
      );
    } else if (swept.answer !== undefined) {
      metrics.sweptReplyQueue('deleted');
      log.info(
        { event: 'reply-queue.deleted', replyQueue, tags: swept.answer },
        'reply queue of dead gateway deleted',
      );
    }
  }
}
