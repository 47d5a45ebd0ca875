import type { Random } from '../engine/random.ts';

/** Images a second at a time. */
export type Rate = (atSeconds: number) => number;

/**
 * Arrivals of a Poisson process whose rate changes over time, by thinning (P. Lewis, G. Shedler: Simulation of
 * nonhomogeneous Poisson processes by thinning, 1979).
 * @param most at least the rate at any time
 */
export function poisson(
  rate: Rate,
  most: number,
  durationSeconds: number,
  random: Random,
): Float64Array {
  let times = new Float64Array(1024);
  let count = 0;
  for (let at = random.exponential(1 / most); at < durationSeconds;) {
    if (random.next() * most < rate(at)) {
      if (count === times.length) {
        const longer = new Float64Array(2 * count);
        longer.set(times);
        times = longer;
      }
      times[count++] = at;
    }
    at += random.exponential(1 / most);
  }
  return times.slice(0, count);
}

/** So many images at each of these times, within a second each. */
export function bursts(at: readonly number[], images: number, random: Random): Float64Array {
  const times = at.flatMap((start) => Array.from({ length: images }, () => start + random.next()));
  return Float64Array.from(times).sort();
}

/** A day's course from its least rate, in the night it begins with, to its most at noon. */
export const day =
  (least: number, most: number): Rate =>
  (at) =>
    least + ((most - least) * (1 - Math.cos((2 * Math.PI * at) / 86_400))) / 2;
