import type { Classifier } from '@labelfleet/inference';
import type { Clock } from '@labelfleet/runtime';
import type { StartRecord } from './attempt-record.ts';
import { complete, type CompleteDeps } from './complete.ts';
import type { Delivery } from './delivery.ts';
import { isNoAttempt, settle, type Attempt, type Verdict } from './judge-outcome.ts';

export interface ConcludeDeps extends CompleteDeps {
  /** Instance id of this worker. */
  worker: string;
  classifier: Pick<Classifier, 'model'>;
  clock: Pick<Clock, 'unixMs'>;
  random: () => number;
}

/**
 * Decides what becomes of a delivery whose attempt has ended, takes what was no attempt off the record, and
 * completes the request if it has a result.
 */
export async function conclude(
  delivery: Delivery,
  start: StartRecord,
  attempt: Attempt,
  deps: ConcludeDeps,
): Promise<Verdict> {
  const { request, message, receivedAt, hold, meter, log } = delivery;
  const verdict = settle(attempt, {
    request,
    receiveCount: message.receiveCount,
    earlierStarts: start.earlier,
    receivedAt,
    now: deps.clock.unixMs(),
    worker: deps.worker,
    model: deps.classifier.model,
    cost: meter.cost(),
    random: deps.random(),
  });
  if (attempt.kind === 'failed' || attempt.kind === 'unreachable')
    log.error({ error: attempt.error, verdict }, 'attempt failed');
  if (attempt.kind === 'exhausted' || attempt.kind === 'too-early')
    log.warn({ starts: start.earlier, ...attempt }, 'not started: it has been, often enough');
  if (isNoAttempt(attempt)) await withdraw(delivery, start);
  if (verdict.kind === 'answer') await complete(delivery, verdict.result, deps);
  // A backoff, too, is for those to set who have the message now.
  return verdict.kind === 'give-back' && hold.lapsed() ? { kind: 'leave' } : verdict;
}

async function withdraw(delivery: Delivery, start: StartRecord): Promise<void> {
  try {
    const outcome = await delivery.inPlace('withdraw-start', () => start.withdraw());
    if (outcome === 'withdrawn') delivery.log.info('start withdrawn');
  } catch (error) {
    delivery.log.error({ error }, 'a start that was given back may stay on record');
  }
}
