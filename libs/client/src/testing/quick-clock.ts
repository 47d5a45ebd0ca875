import { systemClock, type Clock } from '../clock.ts';

/** A clock whose sleeps end at once, and count as time. */
export function quickClock(random = 0.5): Clock & { slept: number[] } {
  const slept: number[] = [];
  const sleptMs = () => slept.reduce((sum, ms) => sum + ms, 0);
  return {
    slept,
    random: () => random,
    unixMs: () => systemClock.unixMs() + sleptMs(),
    monotonicMs: () => systemClock.monotonicMs() + sleptMs(),
    sleep: async (ms) => {
      slept.push(ms);
      // The events that are due come first, as in a real pause.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
