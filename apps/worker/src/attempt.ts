import type { ObjectStore } from '@labelfleet/aws/store';
import { deadlinePassed } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import type { Delivery } from './delivery.ts';
import type { Attempt } from './settle.ts';
import type { Slots } from './slots.ts';
import { FREE_START, type StartRecord } from './start-record.ts';
import { withTimeLimit } from './time-limit.ts';
import type { Time } from './time.ts';

export interface AttemptDeps {
  images: Pick<ObjectStore, 'get'>;
  classifier: Pick<Classifier, 'classify'>;
  /** As many as the classifier has threads, so that waiting for one is not taken for a slow attempt. */
  threads: Slots;
  maxAttemptMs: number;
  time: Time;
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
  const { time, maxAttemptMs } = deps;

  const early = reasonNotToStart(delivery, time);
  if (early !== undefined) return early;

  const fetchStartMs = time.monotonicMs();
  const image = await delivery.inPlace('fetch', () => deps.images.get(request.imageKey, signal));
  if (image === null) return { kind: 'image-missing' };
  const fetchMs = time.monotonicMs() - fetchStartMs;

  using thread = deps.threads.share();
  await thread.granted(signal);
  const late = reasonNotToStart(delivery, time);
  if (late !== undefined) return late;

  // As late as can be: what happened up to here was no start, and the record's time runs from here.
  const verdict = await delivery.inPlace('record-start', () => start.add());
  if (verdict.kind !== 'may-start') return verdict;
  const tooLate = reasonNotToStart(delivery, time);
  if (tooLate !== undefined) return tooLate;
  if (start !== FREE_START) log.info({ starts: start.earlier + 1 }, 'start recorded');

  try {
    const outcome = await withTimeLimit(
      {
        time,
        ms: maxAttemptMs,
        error: () => new Error(`the attempt took longer than ${maxAttemptMs / 1000} s`),
        signal,
      },
      (limited) => deps.classifier.classify(image.body, { topK: request.topK, signal: limited }),
    );
    return outcome.kind === 'classified' ? { ...outcome, fetchMs } : outcome;
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: 'failed', error };
  }
}

function reasonNotToStart(delivery: Delivery, time: Time): Attempt | undefined {
  if (delivery.hold.lapsed()) return { kind: 'lapsed' };
  const { request } = delivery;
  if (deadlinePassed(request, time.now()))
    return { kind: 'deadline-passed', deadlineAt: request.deadlineAt };
  return undefined;
}
