import { pricesFor } from '@labelfleet/scaling';
import { expect, test } from 'vitest';
import { workerHour } from './worker-hour.ts';

const prices = pricesFor('us-east-1', [
  ['c7g.large', 0.07],
  ['c8g.large', 0.08],
  ['c8g.large/spot', 0.03],
]);
const on = (instanceType?: string, market: 'on-demand' | 'spot' = 'on-demand') => ({
  market,
  ...(instanceType !== undefined && { instanceType }),
});

test.each([
  ['one place', [on('c7g.large')], { low: 0.07, high: 0.07 }],
  ['the type of the template', [on()], { low: 0.08, high: 0.08 }],
  ['several types', [on('c7g.large'), on('c8g.large')], { low: 0.07, high: 0.08 }],
  ['Spot', [on('c8g.large', 'spot'), on('c8g.large')], { low: 0.03, high: 0.08 }],
  ['Spot without a price of its own', [on('c7g.large', 'spot')], { low: 0.007, high: 0.07 }],
  ['a type without a price', [on('c7g.large'), on('m9.mega')], undefined],
])('an hour of a worker costs what %s does', (_what, places, hour) => {
  const found = workerHour(places, 'c8g.large', prices);
  if (hour === undefined || found === undefined) expect(found).toBe(hour);
  else for (const bound of ['low', 'high'] as const) expect(found[bound]).toBeCloseTo(hour[bound]);
});

test('an hour of a worker of an unknown type has no price', () => {
  expect(workerHour([on()], undefined, prices)).toBeUndefined();
});
