import { describe, expect, test } from 'vitest';
import { judgeDeadline, missedBySeconds, parseDeadline } from './deadline.ts';
import { SNAPSHOT } from '../testing/gateway.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000);

test.each([
  [undefined, undefined],
  ['1', inSeconds(1)],
  ['86400', inSeconds(86_400)],
  ['0', 'out-of-range'],
  ['86401', 'out-of-range'],
  ['1.5', 'out-of-range'],
  ['-1', 'out-of-range'],
  ['soon', 'out-of-range'],
  ['', 'out-of-range'],
])('X-Deadline-Seconds: %s is %s', (header, deadline) => {
  expect(parseDeadline(header, NOW)).toEqual(deadline);
});

describe('a deadline in 30 s', () => {
  const at = (ageMs: number) => new Date(NOW - ageMs).toISOString();
  test.each([
    ['nothing was published', undefined, 0],
    ['no wait is known', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: null }, 0],
    ['the wait is 30 s', { ...SNAPSHOT, at: at(0), estimatedWaitSeconds: 30 }, 0],
    ['the wait is 42.5 s', { ...SNAPSHOT, at: at(60_000), estimatedWaitSeconds: 42.5 }, 12.5],
    ['that was over a minute ago', { ...SNAPSHOT, at: at(60_001), estimatedWaitSeconds: 42 }, 0],
  ])('where %s', (_, snapshot, seconds) => {
    expect(missedBySeconds(inSeconds(30), snapshot, NOW)).toBe(seconds);
  });
});

describe('a deadline in 10 s', () => {
  const at = new Date(NOW).toISOString();
  const nobody = { booting: 0, idle: 0, busy: 0, draining: 0 };
  const learned = { serviceSeconds: 0.2, bootSecondsP50: 16, bootSecondsP95: 20 };
  const fleet = (overrides: Partial<typeof SNAPSHOT>) => ({
    ...SNAPSHOT,
    ...{ at, workers: nobody, learned, instances: [], estimatedWaitSeconds: 16.2 },
    ...overrides,
  });
  const booting = (...ages: number[]) => ({
    workers: { ...nobody, booting: ages.length },
    instances: ages.map((age) => ({
      ...({ id: `i-${age}`, state: 'booting', served: 0 } as const),
      since: new Date(NOW - 1000 * age).toISOString(),
    })),
  });
  const up = { workers: { ...nobody, busy: 1 } };
  test.each<[string, Parameters<typeof judgeDeadline>[1], ReturnType<typeof judgeDeadline>]>([
    // 16 s of boot, 3 s until it is launched.
    ['nobody is up', fleet({}), { reason: 'no-worker', retryAfterSeconds: 19 }],
    [
      'one boots since 2 s',
      fleet({ ...booting(2), estimatedWaitSeconds: 14.2 }),
      { reason: 'no-worker', retryAfterSeconds: 14 },
    ],
    [
      'one was asked for, and is not listed yet',
      fleet({ workers: { ...nobody, booting: 1 } }),
      { reason: 'no-worker', retryAfterSeconds: 16 },
    ],
    [
      'workers only drain',
      fleet({ workers: { ...nobody, draining: 2 } }),
      { reason: 'no-worker', retryAfterSeconds: 19 },
    ],
    [
      'one is about to be up, and too many wait for it',
      fleet({ ...booting(14), estimatedWaitSeconds: 22 }),
      { reason: 'backlog', retryAfterSeconds: 12 },
    ],
    [
      'one is up, and too many wait',
      fleet({ ...up, estimatedWaitSeconds: 40 }),
      { reason: 'backlog', retryAfterSeconds: 30 },
    ],
    [
      'an overdue boot may end soon',
      fleet({ ...booting(30), estimatedWaitSeconds: 5.2 }),
      undefined,
    ],
    [
      'one is up, nothing waits, and images take longer than that',
      fleet({
        ...{ ...up, estimatedWaitSeconds: 12 },
        learned: { ...learned, serviceSeconds: 12 },
      }),
      undefined,
    ],
    ['no state is known', undefined, undefined],
    ['the state is stale', fleet({ at: new Date(NOW - 3_600_000).toISOString() }), undefined],
    ['no wait is known', fleet({ estimatedWaitSeconds: null }), undefined],
  ])('where %s', (_, snapshot, unmet) => {
    expect(judgeDeadline(inSeconds(10), snapshot, NOW)).toEqual(unmet);
  });
});
