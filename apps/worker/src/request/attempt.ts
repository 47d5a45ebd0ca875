import type { ObjectStore } from '@labelfleet/aws/store';
import { deadlinePassed } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { withTimeLimit, type Clock } from '@labelfleet/runtime';
import type { Delivery } from './delivery.ts';
import type { Health } from '../fleet/health.ts';
import type { Attempt } from './judge-outcome.ts';
import { FREE_START, type StartRecord } from './attempt-record.ts';

export interface AttemptDeps {
  images: Pick<ObjectStore, 'get'>;
  classifier: Pick<Classifier, 'reserve'>;
  health: Pick<Health, 'classified' | 'failed'>;
  maxAttemptMs: number;
  clock: Clock;
}

/**
 * Fetches the image of a delivery, puts the start on record and classifies. Rejects when the store failed or
 * the signal was aborted.
 */
export async function attemptImage(
  delivery: Delivery,
  start: StartRecord,
  deps: AttemptDeps,
): Promise<Attempt> {
  const { request, signal, log } = delivery;
  const { clock, maxAttemptMs } = deps;

  const early = reasonNotToStart(delivery, clock);
  if (early !== undefined) return early;

  const fetchStartMs = clock.monotonicMs();
  const image = await delivery.inPlace('fetch', () => deps.images.get(request.imageKey, signal));
  if (image === null) return { kind: 'image-missing' };
  const fetchMs = clock.monotonicMs() - fetchStartMs;

  // Waiting for a process of the classifier is not taken for a slow attempt.
  using room = await deps.classifier.reserve(signal);
  const late = reasonNotToStart(delivery, clock);
  if (late !== undefined) return late;

  // As late as can be: what happened up to here was no start, and the record's time runs from here.
  const verdict = await delivery.inPlace('record-start', () => start.add());
  if (verdict.kind !== 'may-start') return verdict;
  const tooLate = reasonNotToStart(delivery, clock);
  if (tooLate !== undefined) return tooLate;
  if (start !== FREE_START) log.info({ starts: start.earlier + 1 }, 'start recorded');

  try {
    const outcome = await withTimeLimit(
      {
        clock,
        ms: maxAttemptMs,
        error: () => new Error(`the attempt took longer than ${maxAttemptMs / 1000} s`),
        signal,
      },
      (limited) => room.classify(image.body, { topK: request.topK, signal: limited }),
    );
    if (outcome.kind === 'bad-image') return outcome;
    deps.health.classified();
    return { ...outcome, fetchMs };
  } catch (error) {
    if (signal.aborted) throw error;
    deps.health.failed(request.requestId, error);
    return { kind: 'failed', error };
  }
}

function reasonNotToStart(delivery: Delivery, clock: Clock): Attempt | undefined {
  if (delivery.hold.lapsed()) return { kind: 'lapsed' };
  const { request } = delivery;
  if (deadlinePassed(request, clock.unixMs()))
    return { kind: 'deadline-passed', deadlineAt: request.deadlineAt };
  return undefined;
}
