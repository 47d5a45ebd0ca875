import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeS3 } from '@labelfleet/aws/testing';
import { callerUsageKey } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { expect, test } from 'vitest';
import { DayUsage } from './day-usage.ts';
import { ResultCosts } from './result-costs.ts';

const log = createLogger({ app: 'gateway', level: 'silent' });
const NOON = Date.parse('2026-11-26T12:00:00Z');
const DAY_MS = 86_400_000;

function world() {
  const time = { ms: NOON };
  const fault: { before?: (operation: string) => void } = {};
  const s3 = fakeS3({ beforeCall: (operation) => fault.before?.(operation) });
  s3.createBucket('state');
  const bucket = s3.store('state');
  const start = (gateway: string) =>
    new DayUsage({ bucket, gateway, unixMs: () => time.ms, monotonicMs: () => time.ms, log });
  return { time, fault, bucket, start };
}

test('all gateways know what one caller used, and no other caller, also after a restart', async () => {
  const { time, start } = world();
  const [a, b] = [start('a'), start('b')];
  for (const gateway of [a, b]) await gateway.today('shop');
  a.count('shop', { images: 2, usd: 0.5 });
  b.count('shop', { images: 3, usd: 0.25 });
  await Promise.all([a.store(), b.store()]);
  time.ms += 5_001;
  const sum = { images: 5, usd: 0.75 };
  for (const gateway of [a, b, start('a again')]) expect(await gateway.today('shop')).toEqual(sum);
  expect(await a.today('press')).toEqual({ images: 0, usd: 0 });
});

test('a store whose response is lost counts once', async () => {
  const { time, bucket, start } = world();
  let losses = 0;
  const losing: typeof bucket.put = async (...args) => {
    const stored = await bucket.put(...args);
    losses += 1;
    if (losses === 1) throw new Error('the response was lost');
    return stored;
  };
  const clocks = { unixMs: () => time.ms, monotonicMs: () => time.ms };
  const lossy = { put: losing, get: bucket.get.bind(bucket) };
  const gateway = new DayUsage({ bucket: lossy, gateway: 'a', ...clocks, log });
  await gateway.today('shop');
  gateway.count('shop', { images: 4 });
  await gateway.store();
  await gateway.store();
  expect(losses).toBe(2);
  expect(await start('b').today('shop')).toEqual({ images: 4, usd: 0 });
});

test('what cannot be stored now is stored later, also when its day has passed', async () => {
  const { time, fault, bucket, start } = world();
  const gateway = start('a');
  await gateway.today('shop');
  gateway.count('shop', { images: 7 });
  fault.before = () => {
    throw new AwsCallError('PutObject', { code: 'TimeoutError', message: 'hangs' });
  };
  await gateway.store();
  time.ms += DAY_MS;
  fault.before = () => {};
  expect(await gateway.today('shop')).toEqual({ images: 0, usd: 0 });
  await gateway.store();
  const stored = await bucket.get(callerUsageKey('2026-11-26', 'shop'));
  expect(new TextDecoder().decode(stored?.body)).toContain('"images":7');
});

test('a day begins at midnight UTC', async () => {
  const { time, start } = world();
  const gateway = start('a');
  time.ms = Date.parse('2026-11-26T23:59:59.999Z');
  await gateway.today('shop');
  gateway.count('shop', { usd: 1 });
  expect(gateway.known('shop').usd).toBe(1);
  time.ms += 1;
  expect(gateway.known('shop').usd).toBe(0);
});

test('the cost of a request with two replies counts once', async () => {
  const { start } = world();
  const usage = start('a');
  await usage.today('shop');
  const costs = new ResultCosts(usage);
  const cost = { currency: 'USD', total: 0.25, instance: 0, queue: 0, store: 0 } as const;
  for (const id of ['1', '1', '2']) costs.count({ id, caller: 'shop', cost });
  costs.count({ id: '3', caller: 'shop' });
  costs.count({ id: '4', cost });
  expect(usage.known('shop').usd).toBe(0.5);
});
