import { AwsCallError } from '@labelfleet/aws/errors';
import type { Queue } from '@labelfleet/aws/queue';
import type { AttemptEntry } from './attempt-record.ts';
import { conclude, type ConcludeDeps } from './conclude.ts';
import type { Delivery } from './delivery.ts';
import type { AttemptOutcome, Verdict } from './judge-outcome.ts';

/** What became of one received message. */
export type Handled =
  /** The result of its request is stored and replied. */
  | 'completed'
  /** It becomes visible again. */
  | 'released'
  /** Its visibility lapsed: another worker may have it. */
  | 'lapsed'
  /** Its body was no request. */
  | 'discarded';

export interface FinishDeps extends ConcludeDeps {
  queue: Pick<Queue, 'ack' | 'retryIn'>;
}

/** Runs the steps of a delivery to a verdict, also when they throw, and stops extending its visibility. */
export async function runSteps(
  delivery: Delivery,
  entry: AttemptEntry,
  deps: ConcludeDeps,
  steps: () => Promise<Verdict>,
): Promise<Verdict> {
  try {
    return await steps();
  } catch (error) {
    return await conclude(delivery, entry, outcomeOf(delivery, error), deps);
  } finally {
    await delivery.extension.stop();
  }
}

/**
 * Releases the message if the verdict says so. To be called after the visibility extension has stopped: an
 * extension under way would undo the backoff (P6).
 */
export async function finishDelivery(
  delivery: Delivery,
  verdict: Verdict,
  deps: FinishDeps,
): Promise<Handled> {
  const handled = await finish(delivery, verdict, deps);
  delivery.telemetry.ended(handled);
  return handled;
}

async function finish(delivery: Delivery, verdict: Verdict, deps: FinishDeps): Promise<Handled> {
  switch (verdict.kind) {
    case 'complete':
      return 'completed';
    case 'release':
      return release(delivery, verdict.delaySeconds, deps);
    case 'leave':
      delivery.log.warn(
        { event: 'message.lapsed' },
        'message left: its visibility lapsed, another worker may have it',
      );
      return 'lapsed';
  }
}

async function release(
  { message, log }: Delivery,
  delaySeconds: number,
  { queue }: FinishDeps,
): Promise<Handled> {
  try {
    const outcome = await queue.retryIn(message.receipt, delaySeconds);
    log.info({ event: 'request.released', delaySeconds, outcome }, 'request released');
  } catch (error) {
    log.warn(
      { event: 'request.release-failed', error },
      'request not released: it is redelivered after its visibility timeout',
    );
  }
  return 'released';
}

/** How an attempt ended that threw. A lapse or a drain comes first: either may be what made the call fail. */
function outcomeOf({ extension, signal, log }: Delivery, error: unknown): AttemptOutcome {
  if (extension.lapsed() || signal.aborted) {
    log.warn({ event: 'attempt.interrupted', error }, 'attempt interrupted');
    return { kind: extension.lapsed() ? 'lapsed' : 'interrupted' };
  }
  return error instanceof AwsCallError ? { kind: 'unreachable', error } : { kind: 'failed', error };
}
