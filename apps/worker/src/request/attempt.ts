import type { ObjectStore } from '@labelfleet/aws/store';
import { deadlinePassed } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import type { Clock } from '@labelfleet/runtime';
import { classifyWithin, type ClassifyDeps } from '../attempt/classify-within.ts';
import { FREE_ATTEMPT, type AttemptEntry } from './attempt-record.ts';
import type { Delivery } from './delivery.ts';
import type { Load } from '../receive/load.ts';
import type { AttemptOutcome } from './judge-outcome.ts';

export interface AttemptDeps extends ClassifyDeps {
  images: Pick<ObjectStore, 'get'>;
  classifier: Pick<Classifier, 'reserve'>;
  load: Pick<Load, 'waited' | 'classified'>;
  clock: Clock;
}

/**
 * Fetches the image of a delivery, records the attempt and classifies the image. Rejects when a call to the
 * store failed or the signal was aborted.
 */
export async function attemptImage(
  delivery: Delivery,
  entry: AttemptEntry,
  deps: AttemptDeps,
): Promise<AttemptOutcome> {
  const { request, signal, telemetry, log } = delivery;
  const { clock } = deps;

  const beforeFetch = reasonNotToAttempt(delivery, clock);
  if (beforeFetch !== undefined) return beforeFetch;

  const fetchStartMs = clock.monotonicMs();
  const image = await imageOf(delivery, deps);
  if (image === undefined) return { kind: 'image-missing' };
  const fetchedAtMs = clock.monotonicMs();
  const fetchMs = fetchedAtMs - fetchStartMs;

  // The time limit begins later, so waiting for a classifier process does not make an attempt slow.
  using classifierProcess = await telemetry.step('wait-for-classifier', () =>
    deps.classifier.reserve(signal),
  );
  deps.load.waited(clock.monotonicMs() - fetchedAtMs);
  const beforeRecord = reasonNotToAttempt(delivery, clock);
  if (beforeRecord !== undefined) return beforeRecord;

  // The attempt is recorded as late as possible: what fails before this line is no attempt, and the
  // record's time runs from here.
  const verdict =
    entry === FREE_ATTEMPT
      ? await entry.add()
      : await delivery.inPlace('record-attempt', () => entry.add());
  if (verdict.kind !== 'may-attempt') return verdict;
  const afterRecord = reasonNotToAttempt(delivery, clock);
  if (afterRecord !== undefined) return afterRecord;
  if (entry !== FREE_ATTEMPT)
    log.info(
      { event: 'attempt.recorded', attempts: entry.earlierAttempts + 1 },
      'attempt recorded',
    );

  const outcome = await telemetry.step('classify', () =>
    classifyWithin(
      classifierProcess,
      { bytes: image, name: request.requestId, topK: request.topK, signal },
      deps,
    ),
  );
  return outcome.kind === 'classified' ? { ...outcome, fetchMs } : outcome;
}

/** The bytes of the image; undefined if the input bucket has it no more. */
async function imageOf(
  delivery: Delivery,
  { images }: Pick<AttemptDeps, 'images'>,
): Promise<Uint8Array | undefined> {
  const { image, imageKey } = delivery.request;
  if (image !== undefined) return Buffer.from(image, 'base64');
  const stored = await delivery.inPlace('fetch', () => images.get(imageKey, delivery.signal));
  return stored?.body;
}

function reasonNotToAttempt(delivery: Delivery, clock: Clock): AttemptOutcome | undefined {
  if (delivery.extension.lapsed()) return { kind: 'lapsed' };
  const { request } = delivery;
  if (deadlinePassed(request, clock.unixMs()))
    return { kind: 'deadline-passed', deadlineAt: request.deadlineAt };
  return undefined;
}
