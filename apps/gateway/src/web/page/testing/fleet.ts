import type { Fleet } from '../network/api-types.ts';

export const NOW = Date.parse('2026-11-22T05:12:50Z');
export const ago = (seconds: number) => new Date(NOW - 1000 * seconds).toISOString();
export const NOBODY = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
/** A fleet whose only worker has been starting for so long. */
export const boot = (seconds: number): Partial<Fleet> => ({
  workers: { ...NOBODY, booting: 1 },
  instances: [{ id: 'i-1', state: 'booting', since: ago(seconds), completed: 0 }],
});
/** A fleet snapshot without workers. */
export const fleet = (overrides: Partial<Fleet> = {}): Fleet => ({
  at: ago(1),
  publishedEverySeconds: 10,
  stale: false,
  workers: NOBODY,
  queue: { backlog: 0, inFlight: 0, delayed: 0 },
  decision: { at: ago(1), reason: 'nothing to do' },
  estimatedWaitSeconds: null,
  learned: { serviceSeconds: null, bootSecondsP50: 16, bootSecondsP95: 24 },
  instances: [],
  cost: { perHourNow: 0.0893, perImage: null, lastHour: { images: 4, total: null } },
  history: [],
  ...overrides,
});
