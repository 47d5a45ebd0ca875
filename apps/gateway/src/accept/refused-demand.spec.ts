import { AwsCallError } from '@labelfleet/aws/errors';
import { decodeQueuedEvent } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { RefusedDemand } from './refused-demand.ts';

const AT = Date.UTC(2026, 0, 1);

function someDemand(withQueue = true) {
  const sent: unknown[] = [];
  const logged: unknown[] = [];
  const state = { nowMs: 0, broken: false };
  const demand = new RefusedDemand({
    events: withQueue
      ? {
          async send({ body }) {
            if (state.broken)
              throw new AwsCallError('SendMessage', { code: 'AccessDenied', message: 'no' });
            const decoded = decodeQueuedEvent(body);
            sent.push(decoded.kind === 'decoded' ? decoded.value : decoded.reason);
            return 'sent';
          },
        }
      : undefined,
    gatewayId: 'g-1',
    log: { warn: (of: unknown) => logged.push(of), info: (of: unknown) => logged.push(of) },
    unixMs: () => AT + state.nowMs,
    monotonicMs: () => state.nowMs,
  });
  return { demand, sent, logged, state };
}

test('all refusals of a second are reported in one event, and none if there were none', async () => {
  const { demand, sent } = someDemand();
  await demand.report();
  for (const seconds of [5, 16, 9]) demand.record(seconds);
  await demand.report();
  await demand.report();
  expect(sent).toEqual([
    {
      ...{ v: 1, type: 'refused', gatewayId: 'g-1', count: 3, retryAfterSeconds: 16 },
      at: '2026-01-01T00:00:00.000Z',
    },
  ]);
});

test('a gateway that may not send logs it once, and refuses nothing for a minute after each failure', async () => {
  const { demand, sent, logged, state } = someDemand();
  state.broken = true;
  for (let minute = 0; minute < 3; minute += 1) {
    expect(demand.canReport()).toBe(true);
    demand.record(16);
    await demand.report();
    expect(demand.canReport()).toBe(false);
    state.nowMs += 60_000;
  }
  expect(logged).toMatchObject([
    { event: 'refusals.report-failed', error: { code: 'AccessDenied' } },
  ]);
  state.broken = false;
  demand.record(16);
  await demand.report();
  expect(sent).toHaveLength(1);
  expect(demand.canReport()).toBe(true);
  expect(logged).toHaveLength(2);
});

test('a gateway without a fleet-event queue reports nothing', async () => {
  const { demand } = someDemand(false);
  expect(demand.canReport()).toBe(false);
  demand.record(16);
  await expect(demand.report()).resolves.toBeUndefined();
});
