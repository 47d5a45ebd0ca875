import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Resolves when the condition holds; the test's own time-out is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(POLL_MS);
}
