import * as z from 'zod';

export const seconds = z.number().min(0).max(3600);

/** How long something takes: most take `seconds` and a spread, a share of them longer. */
export const durationShape = {
  /** The least; of `normal` the mean. */
  seconds,
  /** `uniform`: up to so much more; `exponential`: so much more on average; `normal`: the standard deviation. */
  spreadSeconds: seconds.default(0),
  distribution: z.enum(['uniform', 'exponential', 'normal']).default('uniform'),
  /** This share takes `slowSeconds` longer. */
  slowShare: z.number().min(0).max(1).default(0),
  slowSeconds: seconds.default(0),
};

export type Duration = z.output<z.ZodObject<typeof durationShape>>;

/** @param dice three random numbers from 0 up to 1 */
export function drawMs(duration: Duration, dice: readonly number[]): number {
  const [isSlow = 0, first = 0, second = 0] = dice;
  const slow = isSlow < duration.slowShare ? duration.slowSeconds : 0;
  const spread = duration.spreadSeconds * spreads[duration.distribution](first, second);
  return Math.round(1000 * Math.max(0, duration.seconds + spread + slow));
}

const spreads: Record<Duration['distribution'], (first: number, second: number) => number> = {
  uniform: (first) => first,
  exponential: (first) => -Math.log(1 - first),
  // Box and Muller's way from two even numbers to one of the bell curve.
  normal: (first, second) => Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second),
};
