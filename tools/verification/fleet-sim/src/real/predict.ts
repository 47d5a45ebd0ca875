import { mean, rankOf } from '../statistics.ts';
import { simulate } from '../engine/simulate.ts';
import { productPolicy } from '../policies/product.ts';
import type { RunResult, Workload } from '../types.ts';
import { aWorld } from '../world-settings.ts';
import type { Recording } from './recording.ts';

/** Number of runs: each has other phases of polls and tag reads, because a recording does not contain them. */
const SEEDS = 20;

/** Simulates the default policy with the images and the world of a recording. */
export const predict = (recording: Recording): RunResult[] =>
  Array.from({ length: SEEDS }, (_, index) =>
    simulate(workloadOf(recording, index), productPolicy('deadline')),
  );

function workloadOf(recording: Recording, index: number): Workload {
  const { name, images, windowSeconds, slots, threads, pollSeconds, maxWorkers, tickSeconds } =
    recording;
  // The simulator's ticks begin at 0, the scaler's at any time before the first image.
  const lateness = ((index + 0.5) / SEEDS) * tickSeconds;
  return {
    name,
    arrivals: images.map(({ offeredAt }) => offeredAt + lateness),
    serviceSeconds: images.map(({ serviceSeconds }) => serviceSeconds),
    durationSeconds: windowSeconds + lateness,
    seed: index + 1,
    world: aWorld({
      slots,
      threads,
      pollSeconds,
      maxWorkers,
      tickSeconds,
      gatewaySeconds: gatewaySeconds(images),
      overheadSeconds: median(images.map(({ overheadSeconds }) => overheadSeconds)),
      boot: bootsLike(recording.bootSeconds),
      api: LOCAL_CLOUD,
    }),
  };
}

/** The local cloud has no listing lag, and processes and heartbeats need milliseconds. */
const LOCAL_CLOUD = {
  listingLagSeconds: 0,
  countLagSeconds: 0,
  endingSeconds: 1,
  reportLagSeconds: 0.1,
};

/**
 * The gateway's mean seconds for an image, one after the other: from the image's offer, or from the end of the one
 * before it if that is later.
 */
export function gatewaySeconds(images: Recording['images']): number {
  const taken = images
    .map(({ offeredAt, entrySeconds }) => ({ offeredAt, takenAt: offeredAt + entrySeconds }))
    .toSorted((a, b) => a.takenAt - b.takenAt);
  const each = taken.map(({ offeredAt, takenAt }, index) => {
    return takenAt - Math.max(offeredAt, taken[index - 1]?.takenAt ?? 0);
  });
  return mean(each);
}

/** A boot distribution like the recorded one, so that a prediction does not depend on a single boot time. */
function bootsLike(seconds: readonly number[]) {
  const logs = seconds.map(Math.log);
  const usual = mean(logs);
  const squares = logs.reduce((sum, log) => sum + (log - usual) ** 2, 0);
  // A single boot shows no spread.
  const logSpread = logs.length < 2 ? 0 : Math.sqrt(squares / (logs.length - 1));
  return { medianSeconds: median(seconds), logSpread };
}

const median = (values: readonly number[]): number => rankOf(values, 0.5);
