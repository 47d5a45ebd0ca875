import type { ScalingSettings } from '../decision.ts';
import type { ActiveJob } from '../jobs/active-job.ts';
import { NOTHING_LEARNED, type Work } from '../learned.ts';
import type { Observation, Worker } from '../observation.ts';

/** The default time of tests: 2026-01-01T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 1);

export const someSettings = (overrides: Partial<ScalingSettings> = {}): ScalingSettings => ({
  policy: 'per-message',
  minWorkers: 0,
  maxWorkers: 20,
  targetWaitSeconds: 10,
  imagesPerWorker: 5,
  idleBeforeReleaseSeconds: undefined,
  ...overrides,
});

const base = (id: string) => ({ id, launchedAtMs: NOW - 600_000 });

export const aWorker = {
  booting: (id: string, ageSeconds = 1): Worker => ({
    id,
    launchedAtMs: NOW - ageSeconds * 1000,
    state: 'booting',
  }),
  busy: (id: string): Worker => ({ ...base(id), state: 'busy' }),
  idle: (id: string, idleSeconds: number, reportAgeSeconds = 1): Worker => ({
    ...base(id),
    state: 'idle',
    idleSeconds,
    reportedAtMs: NOW - reportAgeSeconds * 1000,
  }),
  /** Drains before it is up. */
  drainingBoot: (id: string, ageSeconds = 1): Worker => ({
    id,
    launchedAtMs: NOW - ageSeconds * 1000,
    state: 'draining',
    instructed: true,
    boots: true,
  }),
  draining: (id: string, instructed = true): Worker => ({
    ...base(id),
    state: 'draining',
    instructed,
  }),
  drained: (id: string): Worker => ({ ...base(id), state: 'drained' }),
  suspected: (id: string, images = 1): Worker => ({ ...base(id), state: 'suspected', images }),
  leaving: (id: string): Worker => ({ ...base(id), state: 'leaving' }),
};

/** A worker that works on a chunk of a job and has no request. */
export const withChunk = (id: string, chunks = 1): Worker => ({
  ...base(id),
  state: 'idle',
  idleSeconds: 100,
  reportedAtMs: NOW - 1000,
  chunks,
});

/** A job that workers are launched for. */
export const aJob = (remaining: number, rest: Partial<ActiveJob> = {}): ActiveJob => ({
  remaining,
  state: 'runs',
  ...rest,
});

/** So many workers of this kind, `i-0` and so on. */
export const many = (count: number, make: (id: string) => Worker): Worker[] =>
  Array.from({ length: count }, (_, index) => make(`i-${index}`));

/** The steps of a decision that changes nothing. */
export const NOTHING = { launch: 0, resume: [], drain: [], terminate: [] };

export const observed = (
  images: number | { visible: number; inFlight: number },
  workers: readonly Worker[] = [],
  openLaunches = 0,
): Observation => ({
  backlog: {
    kind: 'known',
    value: {
      delayed: 0,
      ...(typeof images === 'number' ? { visible: images, inFlight: 0 } : images),
    },
  },
  fleet: { kind: 'known', value: { workers, openLaunches } },
  learned: NOTHING_LEARNED,
  completed: 0,
});

/** The work of a worker that was never full. */
export const someWork = (images: number, busySeconds: number): Work => ({
  images,
  busySeconds,
  fullImages: 0,
  fullSeconds: 0,
});
