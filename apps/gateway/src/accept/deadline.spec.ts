import { describe, expect, test } from 'vitest';
import { judgeDeadline, missedBySeconds } from './deadline.ts';
import { SNAPSHOT } from '../testing/fleet.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000);

describe('a deadline in 30 s', () => {
  const at = (ageMs: number) => new Date(NOW - ageMs).toISOString();
  test.each([
    ['no snapshot exists', undefined, 0],
    ['the wait is unknown', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: null }, 0],
    ['the wait is 30 s', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: 30 }, 0],
    ['the wait is 42.5 s', { ...SNAPSHOT, at: at(60_000), estimatedWaitSeconds: 42.5 }, 12.5],
  ])('if %s', (_, snapshot, seconds) => {
    expect(missedBySeconds(inSeconds(30), snapshot, NOW)).toBe(seconds);
  });
});

describe('a deadline in 10 s', () => {
  const at = new Date(NOW).toISOString();
  const noWorkers = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
  const learned = { serviceSeconds: 0.2, bootSecondsP50: 16, bootSecondsP95: 20 };
  const fleet = (overrides: Partial<typeof SNAPSHOT>) => ({
    ...SNAPSHOT,
    ...{ at, workers: noWorkers, learned, instances: [], estimatedWaitSeconds: 16.2 },
    ...overrides,
  });
  const booting = (...ages: number[]) => ({
    workers: { ...noWorkers, booting: ages.length },
    instances: ages.map((age) => ({
      ...({ id: `i-${age}`, state: 'booting', completed: 0 } as const),
      since: new Date(NOW - 1000 * age).toISOString(),
    })),
  });
  const up = { workers: { ...noWorkers, busy: 1 } };
  test.each<[string, Parameters<typeof judgeDeadline>[1], ReturnType<typeof judgeDeadline>]>([
    // 16 s of boot, plus 3 s until the launch.
    ['no worker is up', fleet({}), { reason: 'no-worker', retryAfterSeconds: 19 }],
    [
      'a worker has been booting for 2 s',
      fleet({ ...booting(2), estimatedWaitSeconds: 14.2 }),
      { reason: 'no-worker', retryAfterSeconds: 14 },
    ],
    [
      'a launched worker is not listed yet',
      fleet({ workers: { ...noWorkers, booting: 1 } }),
      { reason: 'no-worker', retryAfterSeconds: 16 },
    ],
    [
      'all workers are draining',
      fleet({ workers: { ...noWorkers, draining: 2 } }),
      { reason: 'no-worker', retryAfterSeconds: 19 },
    ],
    [
      'a worker is about to be up and the backlog is too long',
      fleet({ ...booting(14), estimatedWaitSeconds: 22 }),
      { reason: 'backlog', retryAfterSeconds: 12 },
    ],
    [
      'a worker is up and the backlog is too long',
      fleet({ ...up, estimatedWaitSeconds: 40 }),
      { reason: 'backlog', retryAfterSeconds: 30 },
    ],
    [
      'an overdue boot may end soon',
      fleet({ ...booting(30), estimatedWaitSeconds: 5.2 }),
      undefined,
    ],
    [
      'a worker is up, there is no backlog, and a classification takes longer',
      fleet({
        ...{ ...up, estimatedWaitSeconds: 12 },
        learned: { ...learned, serviceSeconds: 12 },
      }),
      undefined,
    ],
    ['no snapshot exists', undefined, undefined],
    ['the wait is unknown', fleet({ estimatedWaitSeconds: null }), undefined],
  ])('if %s', (_, snapshot, unmet) => {
    expect(judgeDeadline(inSeconds(10), snapshot, NOW)).toEqual(unmet);
  });
});
