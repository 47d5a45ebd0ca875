/** A Ctrl-C arrives twice: from the terminal, and from npm, which passes it on. */
const SAME_REQUEST_MS = 500;
const LOOK_AT_PARENT_MS = 250;

export interface StopRequests {
  /** Aborted by the first request to stop. */
  readonly first: AbortSignal;
  /** Aborted by a later signal; its reason is the exit code. */
  readonly second: AbortSignal;
}

/** Returns false for the second copy of the same Ctrl-C. */
export const isRepeated = (firstMs: number, nowMs: number): boolean =>
  nowMs - firstMs >= SAME_REQUEST_MS;

/** Listens for SIGINT, SIGTERM and SIGHUP to this process. */
export function listenForStop(nowMs: () => number): StopRequests & { stop(why: string): void } {
  const first = new AbortController();
  const second = new AbortController();
  let firstMs = 0;
  const stop = (why: string) => {
    if (first.signal.aborted) return;
    firstMs = nowMs();
    first.abort(new Error(why));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, (_name: string, number: number) => {
      if (!first.signal.aborted) stop(`stopped by ${name}`);
      else if (isRepeated(firstMs, nowMs())) second.abort(128 + number);
    });
  }
  return { first: first.signal, second: second.signal, stop };
}

/**
 * Calls `onGone` once when the parent of this process has ended: the system then gives it a new parent. npm ends on
 * SIGHUP and SIGKILL without passing them on.
 */
export function watchParent(pid: number, onGone: () => void): void {
  const look = setInterval(() => {
    if (process.ppid === pid) return;
    clearInterval(look);
    onGone();
  }, LOOK_AT_PARENT_MS);
}
