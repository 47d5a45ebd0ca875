import type { BadImage, Classified, Reservation } from '@labelfleet/inference';
import { withTimeLimit, type Clock } from '@labelfleet/runtime';
import type { Health } from '../fleet/health.ts';
import type { Load } from '../receive/load.ts';

export interface ClassifyDeps {
  health: Pick<Health, 'classified' | 'failed'>;
  load: Pick<Load, 'classified'>;
  maxAttemptMs: number;
  clock: Pick<Clock, 'sleep'>;
}

/**
 * Classifies an image in a reserved classifier process, within the time limit of an attempt. `failed`: the model or its
 * process failed, or it took too long; another attempt may succeed.
 * @param image `name` is the same for every attempt; the signal kills the process, and its reason is thrown
 */
export async function classifyWithin(
  classifierProcess: Pick<Reservation, 'classify'>,
  {
    bytes,
    name,
    topK,
    signal,
  }: { bytes: Uint8Array; name: string; topK: number; signal: AbortSignal },
  { health, load, maxAttemptMs, clock }: ClassifyDeps,
): Promise<Classified | BadImage | { kind: 'failed'; error: unknown }> {
  const limit = {
    clock,
    ms: maxAttemptMs,
    error: () =>
      new Error(
        `The attempt took longer than ${maxAttemptMs / 1000} s, the limit of MAX_ATTEMPT_SECONDS.`,
      ),
    signal,
  };
  try {
    const outcome = await withTimeLimit(limit, (limited) =>
      classifierProcess.classify(bytes, { topK, signal: limited }),
    );
    if (outcome.kind === 'bad-image') return outcome;
    health.classified();
    load.classified(outcome.decodeMs + outcome.inferMs);
    return outcome;
  } catch (error) {
    if (signal.aborted) throw error;
    health.failed(name, error);
    return { kind: 'failed', error };
  }
}
