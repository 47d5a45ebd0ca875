/** 128 and the number of SIGINT, as shells have it. */
export const INTERRUPTED = 130;

/** Aborted by the first Ctrl-C. The second one ends the process at once. */
export function signalOfUser(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}
