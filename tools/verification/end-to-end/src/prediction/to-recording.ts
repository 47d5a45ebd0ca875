import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { SucceededResult } from '@labelfleet/contracts';
import type { Recording } from '@labelfleet/fleet-sim/prediction';

/** An instance from its launch to its TerminateInstances call, in Unix milliseconds. */
export interface Life {
  launchedAtMs: number;
  endedAtMs: number | null;
}

/** Adds a listing of the fleet to the lives. An instance ends when it is first listed as ending. */
export function addListing(
  lives: Map<string, Life>,
  listed: readonly Pick<FleetInstance, 'instanceId' | 'launchedAt' | 'state'>[],
  nowMs: number,
): void {
  for (const { instanceId, launchedAt, state } of listed) {
    const ended = state === 'stopping' || state === 'terminated';
    const endedAtMs = lives.get(instanceId)?.endedAtMs ?? (ended ? nowMs : null);
    lives.set(instanceId, { launchedAtMs: launchedAt.getTime(), endedAtMs });
  }
}

/** The observations of a run, in Unix milliseconds. */
export interface Observed {
  beganAtMs: number;
  /** For each image: the start of its upload, the time until its label, and its stored result. */
  images: readonly { offeredAtMs: number; latencyMs: number; result: Result }[];
  lives: readonly Life[];
  bootSeconds: readonly number[];
}

type Result = Pick<SucceededResult, 'submittedAt' | 'timings'>;

/** The product's settings and the workload. */
export type Setting = Omit<Recording, 'images' | 'instances' | 'bootSeconds'>;

export function toRecording(setting: Setting, seen: Observed): Recording {
  // One clock has fractions of a millisecond and the other has not, so they may differ by one.
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
 * The parts of a wait. `submittedAt` is when the gateway accepted the upload, and `totalMs` is the time from then to
 * the result; after it the result is stored and the reply sent. The rest is the wait for a worker and its thread.
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
