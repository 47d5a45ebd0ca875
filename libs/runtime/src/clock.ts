/** The wall clock, the monotonic clock and the timers of an app. It is a parameter, so that tests need not wait. */
export interface Clock {
  /** Unix milliseconds, for times that another process reads. */
  unixMs(): number;
  /** Milliseconds that never jump, for durations. */
  monotonicMs(): number;
  /** Resolves after this time, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  unixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
};

/** Resolves after this time, or as soon as the signal is aborted. Never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
