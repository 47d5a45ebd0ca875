import type { Queue, ReceivedMessage } from '@labelfleet/aws/queue';
import { decodeJobMessage } from '@labelfleet/contracts';
import { retryDelayMs, type Clock, type Logger } from '@labelfleet/runtime';
import type { BatchEnds, WorkOnJobs } from '../receive/work-loop.ts';
import type { HandleBatchMessage } from './handle-batch-message.ts';
import { requestPause, type PauseDeps } from './request-pause.ts';

/**
 * The longest long poll of SQS. An idle worker makes 180 receives an hour, which cost 0.000072 USD: 0.1 % of the price
 * of a c7g.large.
 */
const POLL_SECONDS = 20;
/** One is classified while the next one is received and its first images are fetched. */
const MOST_CHUNKS = 2;
/** Plans need no classifier, so they are worked on beside. */
const MOST_PLANS = 8;

export interface BatchLoopDeps extends PauseDeps {
  batchQueue: Pick<Queue, 'receive'>;
  handle: HandleBatchMessage;
  visibilityTimeoutSeconds: number;
  clock: Clock;
  log: Logger;
}

/**
 * Receives messages of the batch queue while requests leave time, and has them handled. A drain ends the running poll,
 * because a poll of 20 s would be long to wait for: what SQS delivers to it becomes visible again after its visibility
 * timeout.
 */
export function createBatchLoop(deps: BatchLoopDeps): WorkOnJobs {
  const { batchQueue, visibilityTimeoutSeconds, clock, random, log } = deps;
  let change = Promise.withResolvers<void>();
  const notify = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  /** Chunks in hand: whether they are nearly done, and plans. They outlast a drain for moments. */
  const chunks = new Map<ReceivedMessage, { nearlyDone: boolean }>();
  const plans = new Set<ReceivedMessage>();
  const hasRoom = () =>
    plans.size < MOST_PLANS &&
    chunks.size < MOST_CHUNKS &&
    [...chunks.values()].every(({ nearlyDone }) => nearlyDone);

  return async (ends) => {
    const { signal } = ends;
    const inHand = new Set<Promise<void>>();
    const onAbort = () => notify();
    signal.addEventListener('abort', onAbort, { once: true });
    for (let failures = 0; !signal.aborted;) {
      if (!hasRoom()) {
        await change.promise;
        continue;
      }
      await requestPause(deps, signal);
      if (signal.aborted) break;
      try {
        const messages = await batchQueue.receive(
          { maxMessages: 1, waitSeconds: POLL_SECONDS, visibilityTimeoutSeconds },
          signal,
        );
        failures = 0;
        for (const message of messages) {
          const handled = take(message, ends).finally(() => inHand.delete(handled));
          inHand.add(handled);
        }
      } catch (error) {
        if (signal.aborted) break;
        const delayMs = retryDelayMs(++failures, random());
        log.warn({ event: 'batch-queue.poll-failed', error, delayMs }, 'batch queue not polled');
        await clock.sleep(delayMs, signal);
      }
    }
    await Promise.all(inHand);
  };

  async function take(message: ReceivedMessage, ends: BatchEnds): Promise<void> {
    const decoded = decodeJobMessage(message.body);
    const progress = { nearlyDone: false };
    if (decoded.kind === 'decoded' && decoded.value.type === 'plan') plans.add(message);
    else chunks.set(message, progress);
    try {
      await deps.handle(message, ends, () => {
        if (progress.nearlyDone) return;
        progress.nearlyDone = true;
        notify();
      });
    } finally {
      plans.delete(message);
      chunks.delete(message);
      notify();
    }
  }
}
