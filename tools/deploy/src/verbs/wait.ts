import { EXIT, StartError, type Clock } from '@labelfleet/runtime';

/**
 * Waits for something that AWS does.
 * @throws StartError with `what` after the limit
 */
export async function waitFor(
  what: string,
  condition: () => Promise<boolean>,
  { clock, limitMs, pollMs }: { clock: Clock; limitMs: number; pollMs: number },
): Promise<void> {
  const endMs = clock.monotonicMs() + limitMs;
  while (!(await condition())) {
    if (clock.monotonicMs() >= endMs) {
      throw new StartError(`Not within ${limitMs / 1000} s: ${what}. Try again.`, EXIT.unavailable);
    }
    await clock.sleep(pollMs);
  }
}
