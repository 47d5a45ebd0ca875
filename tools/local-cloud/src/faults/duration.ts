import * as z from 'zod';

export const seconds = z.number().min(0).max(3600);

/** A random duration: `seconds` plus a spread, and longer for a share of draws. */
export const durationShape = {
  /** The minimum; for `normal` the mean. */
  seconds,
  /** `uniform`: the maximum to add; `exponential`: the mean to add; `normal`: the standard deviation. */
  spreadSeconds: seconds.default(0),
  distribution: z.enum(['uniform', 'exponential', 'normal']).default('uniform'),
  /** The share of draws that take `slowSeconds` longer. */
  slowShare: z.number().min(0).max(1).default(0),
  slowSeconds: seconds.default(0),
};

export type Duration = z.output<z.ZodObject<typeof durationShape>>;

/** @param dice three random numbers from 0 to below 1 */
export function drawMs(duration: Duration, dice: readonly number[]): number {
  const [isSlow = 0, first = 0, second = 0] = dice;
  const slow = isSlow < duration.slowShare ? duration.slowSeconds : 0;
  const spread = duration.spreadSeconds * spreads[duration.distribution](first, second);
  return Math.round(1000 * Math.max(0, duration.seconds + spread + slow));
}

const spreads: Record<Duration['distribution'], (first: number, second: number) => number> = {
  uniform: (first) => first,
  exponential: (first) => -Math.log(1 - first),
  // The Box-Muller transform turns two uniform numbers into a normal one.
  normal: (first, second) => Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second),
};
