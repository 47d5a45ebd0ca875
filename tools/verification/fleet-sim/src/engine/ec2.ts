import { Random } from '@labelfleet/testkit/random';
import type { WorldSettings } from '../world-settings.ts';

/** The outcome of a launch. `launched` may be fewer than requested, as with RunInstances and MinCount 1. */
export type LaunchAnswer =
  | { kind: 'launched'; count: number }
  | { kind: 'throttled' }
  | { kind: 'no-capacity' }
  | { kind: 'failed' };

/** The EC2 model: token bucket, periods without capacity, errors and boot times. */
export class Ec2 {
  readonly #world: WorldSettings;
  /** The nth launch of a run has the same boot time with every policy. */
  readonly #boots: Random;
  readonly #calls: Random;
  readonly #fates: Random;
  #tokens: number;
  #filledAt = 0;

  constructor(world: WorldSettings, seed: number) {
    this.#world = world;
    this.#boots = bootStream(seed);
    this.#calls = new Random(seed, 'calls');
    this.#fates = new Random(seed, 'fates');
    this.#tokens = world.api.launchTokens;
  }

  /**
   * RunInstances. Its resource bucket holds a token for each instance; a call that asks for more than it holds
   * is throttled whole (EC2 API throttling: resource rate limiting).
   */
  launch(count: number, now: number): LaunchAnswer {
    const { api, droughts } = this.#world;
    const filled = this.#tokens + (now - this.#filledAt) * api.launchTokensPerSecond;
    this.#tokens = Math.min(api.launchTokens, filled);
    this.#filledAt = now;
    if (this.callFails()) return { kind: 'failed' };
    if (this.#happens(api.throttledShare)) return { kind: 'throttled' };
    if (count > this.#tokens) return { kind: 'throttled' };
    if (inDrought(droughts, now)) return { kind: 'no-capacity' };
    this.#tokens -= count;
    return { kind: 'launched', count };
  }

  /** True if a read fails: three tries in a row fail, as many as AWS's SDKs make. */
  readFails(): boolean {
    return this.callFails() && this.callFails() && this.callFails();
  }

  /** True if a call fails. */
  callFails(): boolean {
    return this.#happens(this.#world.api.errorShare);
  }

  /** Seconds until a new instance's worker polls for the first time; Infinity if it never does. */
  bootSeconds(): number {
    return drawBoot(this.#world.boot, this.#boots);
  }

  /** Seconds until an event of this frequency happens to an instance. */
  fateSeconds(perHour: number): number {
    return perHour === 0 ? Infinity : this.#fates.exponential(3600 / perHour);
  }

  #happens(share: number): boolean {
    return share > 0 && this.#calls.next() < share;
  }
}

/** The random stream of all boots of a run, in the order of launches. */
export const bootStream = (seed: number): Random => new Random(seed, 'ec2');

export function drawBoot(boot: WorldSettings['boot'], random: Random): number {
  const fate = random.next();
  const seconds = random.logNormal(boot.medianSeconds, boot.logSpread);
  if (fate < boot.failedShare) return Infinity;
  return fate < boot.failedShare + boot.slowShare ? seconds * boot.slowFactor : seconds;
}

const inDrought = (droughts: WorldSettings['droughts'], now: number) =>
  droughts.some(({ fromSeconds, toSeconds }) => now >= fromSeconds && now < toSeconds);
