/**
 * A stream of pseudo-random numbers that is the same for the same seed and name: the generator sfc32 of PractRand
 * (Chris Doty-Humphrey), seeded by the FNV-1a hash of a name. Streams with different names are independent, so an
 * additional draw in one changes nothing in another. It is not for cryptography.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, name: string) {
    this.#a = hash(`${name}/a/${seed}`);
    this.#b = hash(`${name}/b/${seed}`);
    this.#c = hash(`${name}/c/${seed}`);
    for (let round = 0; round < 12; round++) this.next();
  }

  /** At least 0 and below 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>([first, ...others]: [T, ...T[]]): T {
    return others[this.below(others.length + 1) - 1] ?? first;
  }

  /** Time to the next event of a Poisson process. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** @param logSpread standard deviation of the natural logarithm */
  logNormal(median: number, logSpread: number): number {
    if (logSpread === 0) return median;
    // Box-Muller transform.
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(logSpread * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** Pareto: never below `least`; the smaller `shape`, the heavier the tail. */
  pareto(least: number, shape: number): number {
    return least / (1 - this.next()) ** (1 / shape);
  }
}

/** The stream without a name. */
export const seededRandom = (seed: number): Random => new Random(seed, '');

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value | 0;
}
