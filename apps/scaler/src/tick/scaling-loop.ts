import type { Clock, Logger } from '@labelfleet/runtime';

export interface LoopDeps {
  tick: () => Promise<void>;
  everyMs: number;
  onFault: () => void;
  log: Logger;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
}

/**
 * Runs ticks one after the other until aborted; resolves when the last one has ended. A tick begins `everyMs` after
 * the previous one began, or at once if that took longer. A tick that throws is a bug: it is logged, and the next
 * tick starts from what it observes.
 */
export async function runScalingLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  const { tick, everyMs, onFault, log, clock } = deps;
  while (!signal.aborted) {
    const beganAtMs = clock.monotonicMs();
    try {
      await tick();
    } catch (error) {
      onFault();
      log.error({ event: 'tick.failed', error }, 'tick failed');
    }
    await clock.sleep(Math.max(0, beganAtMs + everyMs - clock.monotonicMs()), signal);
  }
}
