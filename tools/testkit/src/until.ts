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
  if (!(await holdsWithin(timeoutMs, condition)))
    throw new Error(`Not within ${timeoutMs} ms: ${what}`);
}

/** @returns true as soon as the condition holds, or false at the timeout */
export async function holdsWithin(
  timeoutMs: number,
  condition: () => Promise<boolean>,
): Promise<boolean> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAtMs) return false;
    await delay(POLL_MS);
  }
  return true;
}
