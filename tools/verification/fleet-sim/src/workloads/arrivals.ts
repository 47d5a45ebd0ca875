import type { Random } from '@labelfleet/testkit/random';

/** Images per second, by time. */
export type Rate = (atSeconds: number) => number;

/**
 * Arrivals of a Poisson process whose rate changes over time, by thinning (P. Lewis, G. Shedler: Simulation of
 * nonhomogeneous Poisson processes by thinning, 1979).
 * @param most an upper bound of the rate
 */
export function poisson(
  rate: Rate,
  most: number,
  durationSeconds: number,
  random: Random,
): Float64Array {
  const times: number[] = [];
  for (let at = random.exponential(1 / most); at < durationSeconds;) {
    if (random.next() * most < rate(at)) times.push(at);
    at += random.exponential(1 / most);
  }
  return Float64Array.from(times);
}

/** `count` images within a second from each of these times. */
export function bursts(at: readonly number[], images: number, random: Random): Float64Array {
  const times = at.flatMap((start) => Array.from({ length: images }, () => start + random.next()));
  return Float64Array.from(times).sort();
}

/** The rate over a day, from the lowest at midnight to the highest at noon. */
export const day =
  (least: number, most: number): Rate =>
  (at) =>
    least + ((most - least) * (1 - Math.cos((2 * Math.PI * at) / 86_400))) / 2;
