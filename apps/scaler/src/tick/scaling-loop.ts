import type { Logger } from '@labelfleet/runtime';

export interface LoopOptions {
  tick: () => Promise<void>;
  everyMs: number;
  onFault: () => void;
  logger: Logger;
  /** Waits this many milliseconds; rejects when aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
}

/**
 * Runs ticks one after the other until aborted; resolves when the last one has ended. The next begins
 * `everyMs` after the one before it began, or at once when that took longer. A tick that throws is a fault
 * of our own: it is logged, and the next one starts from what it observes.
 */
export async function runScalingLoop(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { tick, everyMs, onFault, logger, wait, now } = options;
  while (!signal.aborted) {
    const beganAt = now();
    try {
      await tick();
    } catch (error) {
      onFault();
      logger.error({ event: 'tick.failed', error }, 'tick failed');
    }
    // Rejects when aborted, which the loop's condition sees.
    await wait(Math.max(0, beganAt + everyMs - now()), signal).catch(() => undefined);
  }
}
