import type { WebhookMessage } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { holdSeconds, planRetry, RETRY_TIMES } from './plan-retry.ts';

const message: WebhookMessage = {
  ...{ v: 1, type: 'classification.completed', receiver: 'archive' },
  id: '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f',
};
const START = Date.UTC(2026, 0, 1);

/** Every wait until the webhook is given up. */
function waits(random: number) {
  const all: number[] = [];
  let now = START;
  let earlier: ReturnType<typeof planRetry>['record'] | undefined;
  for (;;) {
    const plan = planRetry(message, 'no', earlier, { now, random, times: RETRY_TIMES });
    earlier = plan.record;
    if (plan.waitSeconds === null) return { all, record: plan.record, now };
    all.push(plan.waitSeconds);
    now += 1000 * plan.waitSeconds;
  }
}

test('waits twice as long from try to try, up to an hour', () => {
  const { all } = waits(1);
  expect(all.slice(0, 11)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
  expect(new Set(all.slice(10))).toEqual(new Set([3600]));
});

test('waits half as long at least', () => {
  expect(waits(0).all.slice(0, 3)).toEqual([3, 5, 10]);
});

test.each([0, 0.5, 1])('gives up at the first failure after a day, with jitter %d', (random) => {
  const { all, record, now } = waits(random);
  const hours = (now - START) / 3_600_000;
  expect(hours).toBeGreaterThanOrEqual(24);
  expect(hours).toBeLessThan(25);
  expect(record).toEqual({
    ...{ v: 1, message, tries: all.length + 1, error: 'no', nextTryAt: null },
    firstTriedAt: new Date(START).toISOString(),
    lastTriedAt: new Date(now).toISOString(),
  });
});

test.each([
  [1, 1],
  [2, 2],
  [5, 16],
  [50, 600],
])(
  'a webhook whose receiver is busy waits at its receive %i for %i s at most',
  (count, seconds) => {
    expect(holdSeconds(count, 1)).toBe(seconds);
    expect(holdSeconds(count, 0)).toBe(Math.ceil(seconds / 2));
  },
);
