import type { Classifier } from '@labelfleet/inference';
import type { Clock } from '@labelfleet/runtime';
import type { AttemptEntry } from './attempt-record.ts';
import { complete, type CompleteDeps } from './complete.ts';
import type { Delivery } from './delivery.ts';
import { isNoAttempt, judgeOutcome, type AttemptOutcome, type Verdict } from './judge-outcome.ts';

export interface ConcludeDeps extends CompleteDeps {
  /** Instance id of this worker. */
  worker: string;
  classifier: Pick<Classifier, 'model' | 'description'>;
  clock: Pick<Clock, 'unixMs'>;
  random: () => number;
}

/**
 * Judges how an attempt ended. Withdraws it from the record if it counts as none, and completes the request
 * if there is a result.
 */
export async function conclude(
  delivery: Delivery,
  entry: AttemptEntry,
  outcome: AttemptOutcome,
  deps: ConcludeDeps,
): Promise<Verdict> {
  const { request, message, receivedAt, extension, meter, telemetry, log } = delivery;
  const verdict = judgeOutcome(outcome, {
    request,
    receiveCount: message.receiveCount,
    earlierAttempts: entry.earlierAttempts,
    receivedAt,
    now: deps.clock.unixMs(),
    worker: deps.worker,
    model: deps.classifier.model,
    calibration: deps.classifier.description.calibration,
    cost: meter.cost(),
    random: deps.random(),
  });
  telemetry.attempted(outcome);
  if (outcome.kind === 'failed' || outcome.kind === 'unreachable') {
    const fields = { event: 'attempt.failed', error: outcome.error, verdict };
    // An outage of AWS is not the worker's: somebody should look where AWS is called, not here.
    if (outcome.kind === 'failed') log.error(fields, 'attempt failed');
    else log.warn(fields, 'attempt failed');
  }
  if (outcome.kind === 'exhausted' || outcome.kind === 'too-early')
    log.warn(
      { event: 'attempt.refused', attempts: entry.earlierAttempts, ...outcome },
      'attempt refused by the attempt record',
    );
  if (isNoAttempt(outcome)) await withdraw(delivery, entry);
  if (verdict.kind === 'complete') await complete(delivery, verdict.result, deps);
  // After a lapse the message may be another worker's, and so is the choice of its backoff.
  return verdict.kind === 'release' && extension.lapsed() ? { kind: 'leave' } : verdict;
}

async function withdraw(delivery: Delivery, entry: AttemptEntry): Promise<void> {
  const { log } = delivery;
  try {
    const outcome = await delivery.inPlace('withdraw-attempt', () => entry.withdraw());
    if (outcome === 'withdrawn') log.info({ event: 'attempt.withdrawn' }, 'attempt withdrawn');
  } catch (error) {
    log.error(
      { event: 'attempt.withdraw-failed', error },
      'attempt not withdrawn: it may stay in the attempt record and count',
    );
  }
}
