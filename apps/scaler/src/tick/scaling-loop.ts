import type { Logger } from '@labelfleet/runtime';

export interface LoopDeps {
  tick: () => Promise<void>;
  everyMs: number;
  onFault: () => void;
  log: Logger;
  /** Waits this many milliseconds; rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs: () => number;
}

/**
 * Runs ticks one after the other until aborted; resolves when the last one has ended. A tick begins `everyMs` after
 * the previous one began, or at once if that took longer. A tick that throws is a bug: it is logged, and the next
 * tick starts from what it observes.
 */
export async function runScalingLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  const { tick, everyMs, onFault, log, sleep, monotonicMs } = deps;
  while (!signal.aborted) {
    const beganAt = monotonicMs();
    try {
      await tick();
    } catch (error) {
      onFault();
      log.error({ event: 'tick.failed', error }, 'tick failed');
    }
    // Rejects when aborted, which the loop's condition sees.
    await sleep(Math.max(0, beganAt + everyMs - monotonicMs()), signal).catch(() => undefined);
  }
}
