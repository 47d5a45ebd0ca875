import { EXIT, StartError } from '@labelfleet/runtime';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

export interface ReadyCheck {
  /** The name in the error message. */
  name: string;
  url: string;
  /** Returns true for a status that means ready. */
  accepts(status: number): boolean;
  timeoutMs: number;
}

/**
 * Resolves when a server is ready. Rejects with the signal's reason when aborted.
 * @throws StartError at the timeout
 */
export async function waitUntilReady(check: ReadyCheck, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + check.timeoutMs;
  while (performance.now() < deadline) {
    const status = await statusOf(check.url, signal);
    signal.throwIfAborted();
    if (status !== 'no-answer' && check.accepts(status)) return;
    // When aborted, the next check throws the signal's reason.
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  throw new StartError(
    `${check.name} is not ready after ${check.timeoutMs / 1000} s (${check.url})`,
    EXIT.unavailable,
  );
}

async function statusOf(url: string, signal: AbortSignal): Promise<number | 'no-answer'> {
  try {
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    return response.status;
  } catch {
    // The server does not listen yet, or the signal is aborted, which the caller checks.
    return 'no-answer';
  }
}
