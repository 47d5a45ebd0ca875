import type { SucceededResult } from '@labelfleet/contracts';
import type { Recording } from '@labelfleet/fleet-sim/prediction';
import type { Life } from './instance-lives.ts';

/** What was seen of a run, in Unix milliseconds. */
export interface Observed {
  beganAtMs: number;
  /** Of each image: when its upload began, how long until its label was there, and its stored result. */
  images: readonly { offeredAtMs: number; latencyMs: number; result: Result }[];
  lives: readonly Life[];
  bootSeconds: readonly number[];
}

type Result = Pick<SucceededResult, 'submittedAt' | 'timings'>;

/** The settings that the product was started with, and what is run. */
export type Setting = Omit<Recording, 'images' | 'instances' | 'bootSeconds'>;

export function toRecording(setting: Setting, seen: Observed): Recording {
  // Clocks with and without fractions of a millisecond may differ by one.
  const since = (ms: number) => Math.max(0, (ms - seen.beganAtMs) / 1000);
  return {
    ...setting,
    images: seen.images
      .toSorted((a, b) => a.offeredAtMs - b.offeredAtMs)
      .map(({ offeredAtMs, latencyMs, result }) => ({
        offeredAt: since(offeredAtMs),
        waitSeconds: latencyMs / 1000,
        ...partsOf(result, offeredAtMs, latencyMs),
      })),
    instances: seen.lives.map(({ launchedAtMs, endedAtMs }) => ({
      launchedAt: since(launchedAtMs),
      endedAt: endedAtMs === null ? null : since(endedAtMs),
    })),
    bootSeconds: [...seen.bootSeconds],
  };
}

/**
 * Into what a wait falls. `submittedAt` is when the gateway took the upload, and `totalMs` runs from there to
 * the result; what follows is storing and sending the answer. The rest is waiting, for a worker and its thread.
 */
function partsOf({ submittedAt, timings }: Result, offeredAtMs: number, latencyMs: number) {
  const { decodeMs, inferMs, fetchMs, totalMs } = timings;
  const entryMs = Math.max(0, Date.parse(submittedAt) - offeredAtMs);
  const afterwardsMs = Math.max(0, latencyMs - entryMs - totalMs);
  return {
    serviceSeconds: (decodeMs + inferMs) / 1000,
    entrySeconds: entryMs / 1000,
    overheadSeconds: (fetchMs + afterwardsMs) / 1000,
  };
}
