import { sleep } from '@labelfleet/runtime';

/**
 * Runs a task repeatedly until the signal is aborted. Each run starts `everyMs` after the last one ended.
 * Resolves when the last run has ended; rejects with the error of a run that fails.
 */
export async function repeat(
  everyMs: number,
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, signal);
    if (signal.aborted) return;
    await task();
  }
}
