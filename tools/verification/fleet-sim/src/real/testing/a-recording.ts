import type { Recording } from '../recording.ts';

/** A recording of a local run with one worker; `waits` has an image for each. */
export const aRecording = ({
  waits = [1],
  ...overrides
}: Partial<Recording> & { waits?: readonly number[] } = {}): Recording => ({
  name: 'a run',
  windowSeconds: 60,
  slots: 2,
  threads: 1,
  pollSeconds: 2,
  maxWorkers: 2,
  tickSeconds: 0.5,
  images: waits.map((waitSeconds) => ({
    offeredAt: 0,
    waitSeconds,
    serviceSeconds: 0.25,
    entrySeconds: 0,
    overheadSeconds: 0.05,
  })),
  instances: [{ launchedAt: 0, endedAt: null }],
  bootSeconds: [5],
  ...overrides,
});
