import type { RefusalEvent } from '@labelfleet/contracts';
import { POLICY_NAMES } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import { countRefused, NOTHING_REFUSED, takeRefusal } from './refused-demand.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

const NOW = Date.UTC(2026, 0, 1);
const TARGET_SECONDS = 10;

interface Refusal {
  /** Seconds after NOW. */
  at: number;
  count?: number;
  retryAfterSeconds?: number;
  gatewayId?: string;
  /** How late it is received. */
  lateSeconds?: number;
}

const refused = (refusals: readonly Refusal[]) =>
  refusals.reduce((before, { at, lateSeconds = 0, ...rest }) => {
    const event: RefusalEvent = {
      ...{ v: 1, type: 'refused', gatewayId: 'a', count: 1, retryAfterSeconds: 16, ...rest },
      at: new Date(NOW + 1000 * at).toISOString(),
    };
    return takeRefusal(before, event, NOW + 1000 * (at + lateSeconds));
  }, NOTHING_REFUSED);

const counted = (refusals: readonly Refusal[], afterSeconds: number) =>
  countRefused(refused(refusals), TARGET_SECONDS, NOW + 1000 * afterSeconds);

describe('refused demand', () => {
  it.each<[string, Refusal[], number, number]>([
    ['nothing', [], 0, 0],
    ['its number, until the callers are due', [{ at: 0, count: 3 }], 15.9, 3],
    ['one worker for those who are late', [{ at: 0, count: 3 }], 16, 1],
    ['nothing after the grace', [{ at: 0, count: 3 }], 31, 0],
    ['what several gateways refuse', [{ at: 0 }, { at: 0, gatewayId: 'b', count: 4 }], 1, 5],
    // One caller in a loop: 25 in 25 s, 10 of them within any 10 s.
    ['what one target wait brings', Array.from({ length: 25 }, (_, at) => ({ at })), 26, 10],
    [
      'the worst target wait',
      [
        { at: 0, count: 7 },
        { at: 9, count: 5 },
        { at: 14, count: 4 },
      ],
      15,
      12,
    ],
    ['an event once, delivered twice', [{ at: 0 }, { at: 0, lateSeconds: 40 }], 1, 1],
    ['an event once, delivered again when its callers have come', [{ at: 0 }, { at: 0 }], 17, 1],
    ['no news of long ago', [{ at: 0, count: 9, lateSeconds: 300 }], 301, 0],
    ['news whatever the clocks say', [{ at: 0, lateSeconds: -200 }], -190, 1],
    ['no wait for ever', [{ at: 0, retryAfterSeconds: 1e9 }], 616, 0],
  ])('counts as %s', (_, refusals, afterSeconds, images) => {
    expect(counted(refusals, afterSeconds)).toBe(images);
  });

  it('is not counted again for a late second delivery', () => {
    const refusals = [{ at: 0, retryAfterSeconds: 1 }];
    const again = [
      ...refusals,
      { at: 60, retryAfterSeconds: 1 },
      { ...refusals[0], at: 0, lateSeconds: 70 },
    ];
    expect(counted(again, 80)).toBe(0);
  });

  it('is forgotten in the end', () => {
    const refusals = Array.from({ length: 3000 }, (_, at) => ({ at }));
    expect(refused(refusals).size).toBeLessThanOrEqual(301);
  });
});

describe.each(POLICY_NAMES)('with no worker up, the policy %s', (policy) => {
  const start = () => createTestScaler({ settings: { policy } });

  it('launches a worker for a refused request, says so, and keeps it until its caller should have retried', async () => {
    const scaler = start();
    expect(await scaler.tick()).toEqual([]);
    scaler.refuse(1, 40);
    expect(await scaler.tick()).toEqual(['RunInstances token-1']);
    expect(scaler.ticks.at(-1)).toContain('1 refused lately');
    const [id = ''] = scaler.alive();
    scaler.report(id);
    // Up, idle, and nothing on the queue: the caller is still to come.
    for (let second = 0; second < 40; second += 2) {
      scaler.report(id, { idleSeconds: second });
      expect(await scaler.tick()).toEqual([]);
    }
    for (let second = 40; second < 200 && scaler.instructionOf(id) === undefined; second += 2) {
      scaler.report(id, { idleSeconds: second });
      await scaler.tick();
    }
    expect(scaler.instructionOf(id)?.kind).toBe('drain');
  });

  it('launches no more for a refusal that is delivered twice', async () => {
    const scaler = start();
    scaler.refuse(1, 40);
    await scaler.tick();
    scaler.refuse(1, 40);
    await scaler.tick();
    expect(scaler.alive().length).toBeLessThanOrEqual(policy === 'per-message' ? 2 : 1);
  });

  it('never exceeds the maximum for mass refusals', async () => {
    const scaler = start();
    for (let second = 0; second < 10; second += 1) {
      scaler.refuse(1000, 40);
      await scaler.tick(1);
    }
    expect(scaler.alive()).toHaveLength(5);
  });
});

it('launches for mass refusals as many workers as the same images would need', async () => {
  // 20 within the target of 10 s at 0.25 s an image are 5 s of work: one worker does them after its boot.
  const scaler = createTestScaler({ settings: { policy: 'deadline' } });
  for (let second = 0; second < 60; second += 2) {
    scaler.refuse(4, 16);
    await scaler.tick();
  }
  expect(scaler.alive()).toHaveLength(1);
});
