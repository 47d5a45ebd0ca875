import { AwsCallError } from '@labelfleet/aws/errors';
import type { Queue } from '@labelfleet/aws/queue';
import type { StartRecord } from './attempt-record.ts';
import { conclude, type ConcludeDeps } from './conclude.ts';
import type { Delivery } from './delivery.ts';
import type { Attempt, Verdict } from './judge-outcome.ts';

/**
 * What became of one received message. `answered`: its result is stored and replied. `given-back`: it
 * becomes visible again. `left`: others may have it. `discarded`: it was no request.
 */
export type Handled = 'answered' | 'given-back' | 'left' | 'discarded';

export interface FinishDeps extends ConcludeDeps {
  queue: Pick<Queue, 'ack' | 'retryIn'>;
}

/** Runs the steps of a delivery to their verdict, whatever they throw, and stops extending its visibility. */
export async function runSteps(
  delivery: Delivery,
  start: StartRecord,
  deps: ConcludeDeps,
  steps: () => Promise<Verdict>,
): Promise<Verdict> {
  try {
    return await steps();
  } catch (error) {
    return await conclude(delivery, start, whyEnded(delivery, error), deps);
  } finally {
    await delivery.hold.stop();
  }
}

/** Does with the message what the verdict says. Its visibility is no longer extended: an extension under way would undo the backoff (P6). */
export async function finishDelivery(
  delivery: Delivery,
  verdict: Verdict,
  deps: FinishDeps,
): Promise<Handled> {
  switch (verdict.kind) {
    case 'answer':
      return 'answered';
    case 'give-back':
      return giveBack(delivery, verdict.delaySeconds, deps);
    case 'leave':
      delivery.log.warn('left alone: others may have the message by now');
      return 'left';
  }
}

async function giveBack(
  { message, log }: Delivery,
  delaySeconds: number,
  { queue }: FinishDeps,
): Promise<Handled> {
  try {
    const outcome = await queue.retryIn(message.receipt, delaySeconds);
    log.info({ delaySeconds, outcome }, 'given back');
  } catch (error) {
    log.warn({ error }, 'not given back: it comes again when its visibility time-out runs out');
  }
  return 'given-back';
}

/** Why a delivery ended with an error: the hold and the drain come before whatever call they cut short. */
function whyEnded({ hold, signal, log }: Delivery, error: unknown): Attempt {
  if (hold.lapsed() || signal.aborted) {
    log.warn({ error }, 'cut short');
    return { kind: hold.lapsed() ? 'lapsed' : 'interrupted' };
  }
  return error instanceof AwsCallError ? { kind: 'unreachable', error } : { kind: 'failed', error };
}
