import { AwsCallError } from '@labelfleet/aws/errors';
import type { Queue, ReceivedMessage, VisibilityExtension } from '@labelfleet/aws/queue';
import { decodeJobMessage, imagesOf, type JobMessage } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import type { BatchEnds } from '../receive/work-loop.ts';
import { asDelaySeconds } from '../request/judge-outcome.ts';
import { redeliveryDelaySeconds } from '../request/redelivery-delay.ts';
import type { ChunkHandled, HandleChunk } from './chunk/handle-chunk.ts';
import type { JobActivity } from './job-activity.ts';
import type { HandlePlan } from './plan/handle-plan.ts';

export interface BatchMessageDeps {
  batchQueue: Pick<Queue, 'ack' | 'retryIn'>;
  handleChunk: HandleChunk;
  handlePlan: HandlePlan;
  extendVisibility: (message: ReceivedMessage) => VisibilityExtension;
  activity: Pick<JobActivity, 'begin'>;
  metrics: Pick<Metrics, 'jobChunks' | 'jobImages'>;
  clock: { monotonicMs(): number };
  random: () => number;
  log: Logger;
}

/** What becomes of a message. */
type Verdict = { kind: 'delete' } | { kind: 'release'; delaySeconds: number } | { kind: 'leave' };

/**
 * Handles a message of the batch queue and ends its delivery: deletes it, or makes it visible again. Never rejects.
 * @param onNearlyDone called when the next message should be received
 */
export type HandleBatchMessage = (
  message: ReceivedMessage,
  ends: BatchEnds,
  onNearlyDone: () => void,
) => Promise<void>;

export function createBatchMessageHandler(deps: BatchMessageDeps): HandleBatchMessage {
  return async (message, ends, onNearlyDone) => {
    const { messageId, body, receiveCount } = message;
    const decoded = decodeJobMessage(body);
    if (decoded.kind === 'malformed') {
      const log = deps.log.child({ messageId, body: body.slice(0, 500) });
      return end(message, discard(decoded.reason, log), log, deps);
    }
    const log = deps.log.child({ ...namesOf(decoded.value), receiveCount });
    const open = deps.activity.begin(decoded.value.type);
    try {
      const extension = deps.extendVisibility(message);
      const delivery = { message, ends, lapsed: () => extension.lapsed(), onNearlyDone, log };
      const verdict = await handle(decoded.value, delivery, deps);
      // An extension under way would undo the backoff (P6).
      await extension.stop();
      await end(message, extension.lapsed() ? { kind: 'leave' } : verdict, log, deps);
    } finally {
      open[Symbol.dispose]();
    }
  };
}

/** The fields of a log line that say what a message is about. */
const namesOf = (value: JobMessage) =>
  value.type === 'plan'
    ? { job: value.job }
    : { job: value.job, page: value.page, chunk: value.chunk };

interface Delivery {
  message: ReceivedMessage;
  ends: BatchEnds;
  lapsed: () => boolean;
  onNearlyDone: () => void;
  log: Logger;
}

async function handle(
  value: JobMessage,
  delivery: Delivery,
  deps: BatchMessageDeps,
): Promise<Verdict> {
  const { message, ends, lapsed, log } = delivery;
  const beganAtMs = deps.clock.monotonicMs();
  try {
    if (value.type === 'plan') {
      const outcome = await deps.handlePlan(value.job, ends.signal, lapsed);
      return outcome === 'done' ? { kind: 'delete' } : { kind: 'release', delaySeconds: 0 };
    }
    const { receiveCount } = message;
    const handled = await deps.handleChunk({ ...delivery, chunk: value, receiveCount });
    const seconds = (deps.clock.monotonicMs() - beganAtMs) / 1000;
    return judge(handled, { seconds, delivery }, deps);
  } catch (error) {
    const isOver = lapsed() || ends.signal.aborted;
    if (value.type === 'chunk')
      deps.metrics.jobChunks.inc({ outcome: lapsed() ? 'lapsed' : 'released' });
    if (isOver) return { kind: 'release', delaySeconds: 0 };
    const fields = { event: 'batch-message.failed', error };
    if (error instanceof AwsCallError) log.warn(fields, 'AWS failed while a job was worked on');
    else log.error(fields, 'work on a job failed');
    return backOff(message, deps);
  }
}

const backOff = ({ receiveCount }: ReceivedMessage, { random }: BatchMessageDeps): Verdict => ({
  kind: 'release',
  delaySeconds: redeliveryDelaySeconds(receiveCount, random()),
});

function judge(
  handled: ChunkHandled,
  { seconds, delivery: { message, log } }: { seconds: number; delivery: Delivery },
  deps: BatchMessageDeps,
): Verdict {
  const { metrics } = deps;
  switch (handled.kind) {
    case 'done': {
      const { outcome, summary } = handled;
      metrics.jobChunks.inc({ outcome });
      if (summary !== undefined)
        for (const result of ['succeeded', 'failed', 'skipped'] as const)
          metrics.jobImages.inc({ outcome: result }, summary[result]);
      log.info(
        {
          event: 'chunk.completed',
          outcome,
          seconds,
          ...(summary && { images: imagesOf(summary) }),
          ...summary,
        },
        'chunk completed',
      );
      return { kind: 'delete' };
    }
    case 'discard':
      metrics.jobChunks.inc({ outcome: 'discarded' });
      return discard(handled.reason, log);
    case 'failed': {
      metrics.jobChunks.inc({ outcome: 'released' });
      const { image, error } = handled;
      log.error({ event: 'attempt.failed', image, error }, 'attempt at an image of a job failed');
      return backOff(message, deps);
    }
    case 'too-early':
      metrics.jobChunks.inc({ outcome: 'released' });
      return { kind: 'release', delaySeconds: asDelaySeconds(handled.waitMs) };
  }
}

function discard(reason: string, log: Logger): Verdict {
  log.error({ event: 'message.discarded', reason }, 'message discarded: it is of no job');
  return { kind: 'delete' };
}

async function end(
  { receipt, messageId }: ReceivedMessage,
  verdict: Verdict,
  log: Logger,
  { batchQueue }: BatchMessageDeps,
): Promise<void> {
  try {
    switch (verdict.kind) {
      case 'delete':
        await batchQueue.ack(receipt);
        return;
      case 'release': {
        const { delaySeconds } = verdict;
        await batchQueue.retryIn(receipt, delaySeconds);
        log.info({ event: 'message.released', messageId, delaySeconds }, 'message released');
        return;
      }
      case 'leave':
        log.warn(
          { event: 'message.lapsed', messageId },
          'message left: its visibility lapsed, another worker may have it',
        );
    }
  } catch (error) {
    const event = verdict.kind === 'delete' ? 'message.delete-failed' : 'message.release-failed';
    log.warn({ event, messageId, error }, 'message comes again after its visibility timeout');
  }
}
