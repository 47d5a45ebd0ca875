/** The clocks and timers of the worker, given as a value so that tests need not wait. */
export interface Time {
  /** Unix milliseconds: for times that others read. */
  now(): number;
  /** Milliseconds that never jump: for durations. */
  monotonicMs(): number;
  /** Resolves after the time, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTime: Time = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
};
