import type { QueueAdmin } from '@labelfleet/aws/queue';
import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import { isOrphaned } from './orphaned-reply-queue.ts';
import { tryCall } from '../act/call-failure.ts';

const SWEEP_EVERY_MS = 5 * 60 * 1000;

interface SweepDeps {
  queues: Pick<QueueAdmin, 'list' | 'tags' | 'delete'>;
  /** What the names of the gateways' own queues begin with. */
  namePrefix: string;
  /** URLs of queues that stay, whatever their names and tags. */
  keep: readonly string[];
  metrics: Pick<Metrics, 'sweptReplyQueue'>;
  log: Logger;
  /** Unix milliseconds. */
  unixMs: () => number;
}

/**
 * Sweeps at once and then every 5 min until aborted; resolves then.
 * @param sleep waits this many milliseconds; rejects when aborted
 */
export async function sweepReplyQueuesPeriodically(
  deps: SweepDeps,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sweepReplyQueues(deps, signal);
    // Rejects when aborted, which the loop's condition sees.
    await sleep(SWEEP_EVERY_MS, signal).catch(() => undefined);
  }
}

/**
 * Deletes the reply queues of gateways that are dead: a killed one leaves its queue behind. One that lives
 * after all makes itself another, and its callers find their results in the store (P11). What fails is
 * logged, and tried again with the next sweep.
 */
export async function sweepReplyQueues(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  const { queues, namePrefix, keep, metrics, log, unixMs } = deps;
  const listed = await tryCall(() => queues.list(namePrefix));
  if (listed.kind === 'failed')
    return log.warn(
      { event: 'reply_queues.list-failed', detail: listed.detail },
      'reply queues not listed',
    );
  // One after the other: a sweep is in no hurry, and SQS limits such calls to a few a second.
  for (const replyQueue of listed.answer) {
    if (signal.aborted) return;
    if (keep.includes(replyQueue)) continue;
    const swept = await tryCall(async () => {
      const tags = await queues.tags(replyQueue);
      if (tags === 'queue-gone' || !isOrphaned(tags, unixMs())) return undefined;
      await queues.delete(replyQueue);
      return tags;
    });
    if (swept.kind === 'failed') {
      metrics.sweptReplyQueue('failed');
      log.warn(
        { event: 'reply_queue.sweep-failed', replyQueue, detail: swept.detail },
        'reply queue sweep failed',
      );
    } else if (swept.answer !== undefined) {
      metrics.sweptReplyQueue('deleted');
      log.info(
        { event: 'reply_queue.deleted', replyQueue, tags: swept.answer },
        'reply queue of dead gateway deleted',
      );
    }
  }
}
