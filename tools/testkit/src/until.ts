import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Resolves when the condition holds.
 * @throws Error with `what` at the timeout
 */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAtMs) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
