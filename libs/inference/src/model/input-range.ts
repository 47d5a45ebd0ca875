import type { ModelInput } from './manifest.ts';

/** The lowest and the highest input value of a network for pixels from 0 to 255, over all channels. */
export function inputRange({ scale, mean, std }: Pick<ModelInput, 'scale' | 'mean' | 'std'>): {
  low: number;
  high: number;
} {
  const ends = mean.flatMap((offset, channel) =>
    [0, 255].map((pixel) => (pixel * scale - offset) / (std[channel] ?? 1)),
  );
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/**
 * True if black and white are nearly the same input for the network: (pixel / 255 - 127) / 128 gives only values
 * from -0.992 to -0.984. Usual ranges are [0, 1], [-1, 1], about [-2.1, 2.6] and [0, 255].
 */
export function lacksSpread(input: Pick<ModelInput, 'scale' | 'mean' | 'std'>): boolean {
  const { low, high } = inputRange(input);
  const spread = high - low;
  return spread < 0.25 || spread < Math.max(Math.abs(low), Math.abs(high)) / 4;
}
