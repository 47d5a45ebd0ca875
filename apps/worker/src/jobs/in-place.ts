import { retryInPlace } from '@labelfleet/runtime';
import type { HandlingEnds, JobDeps } from './job-deps.ts';

/** How long a failing call is repeated before the message is released instead. */
const PATIENCE_MS = 120_000;

export type InPlaceDeps = Pick<JobDeps, 'clock' | 'random' | 'isTransient' | 'log'>;

/**
 * Makes a call to AWS, and repeats it while its failure may pass. Rejects with its last error.
 * @param step names the call in the log
 */
export const inPlace = <T>(
  step: string,
  call: () => Promise<T>,
  { signal, lapsed }: HandlingEnds,
  { clock, random, isTransient, log }: InPlaceDeps,
  patienceMs = PATIENCE_MS,
): Promise<T> =>
  retryInPlace(call, {
    clock,
    random,
    isTransient,
    patienceMs,
    signal,
    worthwhile: () => !lapsed(),
    onRetry: (error, delayMs) =>
      log.warn({ event: 'call.failed', step, error, delayMs }, 'call failed, repeating it'),
  });
