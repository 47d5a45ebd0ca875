import type { ObjectStore } from '@labelfleet/aws/store';
import type { Classifier } from '@labelfleet/inference';
import type { Delivery } from './delivery.ts';
import { deadlinePassed, type Attempt } from './settle.ts';
import type { Slots } from './slots.ts';
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

/** Fetches and classifies the image of a delivery. Rejects when the store or the classifier failed. */
export async function attemptImage(delivery: Delivery, deps: AttemptDeps): Promise<Attempt> {
  const { request, signal } = delivery;
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
}

function reasonNotToStart(delivery: Delivery, time: Time): Attempt | undefined {
  if (delivery.hold.lapsed()) return { kind: 'lapsed' };
  if (deadlinePassed(delivery.request, time.now())) return { kind: 'deadline-passed' };
  return undefined;
}
