import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 25;

/**
 * Resolves when the condition holds.
 * @throws Error naming what was waited for, when it has not come about in time
 */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAtMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(LOOK_MS);
  }
}
