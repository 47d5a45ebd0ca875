import { sleep as pause } from '@labelfleet/runtime';

export { pause };

/**
 * Runs a task again and again, each time this long after the last run has ended, until the signal is
 * aborted. Resolves when no run is under way any more; rejects with what a run rejects with.
 */
export async function repeat(
  everyMs: number,
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    await task();
  }
}
