import type { Used } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { CallerLimits } from './caller-limits.ts';

/** One hour before midnight UTC. */
const NOW = Date.parse('2026-11-26T23:00:00Z');

function limitsWith(used: Used = { images: 0, usd: 0 }) {
  const time = { ms: NOW };
  const usage = {
    known: () => used,
    today: () => Promise.resolve(used),
    count: (_caller: string, { images = 0 }: Partial<Used>) => {
      used = { ...used, images: used.images + images };
    },
  };
  const clocks = { unixMs: () => time.ms, monotonicMs: () => time.ms };
  return { limits: new CallerLimits({ usage, ...clocks }), time };
}

async function keep(
  limits: CallerLimits,
  key: Parameters<CallerLimits['admit']>[0],
  images: number,
) {
  const admission = await limits.admit(key, images);
  if (admission.kind === 'admitted') admission.keep();
  return admission.kind === 'admitted'
    ? 'admitted'
    : { ...admission.headers, code: admission.code };
}

test('images a minute are refused until the bucket has filled', async () => {
  const { limits, time } = limitsWith();
  const key = { caller: 'shop', imagesPerMinute: 30 };
  expect(await keep(limits, key, 30)).toBe('admitted');
  // One image in two seconds.
  const refused = { code: 'rate-limited', 'retry-after': '2' };
  expect(await keep(limits, key, 1)).toEqual(refused);
  expect(await keep(limits, { ...key, caller: 'press' }, 30)).toBe('admitted');
  time.ms += 1_999;
  expect(await keep(limits, key, 1)).toEqual({ ...refused, 'retry-after': '1' });
  time.ms += 1;
  expect(await keep(limits, key, 1)).toBe('admitted');
});

test('a batch that is larger than the bucket waits for a full one, and owes the rest', async () => {
  const { limits, time } = limitsWith();
  const key = { caller: 'shop', imagesPerMinute: 60 };
  expect(await keep(limits, key, 100)).toBe('admitted');
  expect(await keep(limits, key, 1)).toMatchObject({ 'retry-after': '41' });
  time.ms += 41_000;
  expect(await keep(limits, key, 1)).toBe('admitted');
});

test('images a day count those under way, and are given back when they were not accepted', async () => {
  const { limits } = limitsWith({ images: 8, usd: 0 });
  const key = { caller: 'shop', imagesPerDay: 10, imagesPerMinute: 10 };
  const first = await limits.admit(key, 1);
  expect(await keep(limits, key, 1)).toBe('admitted');
  const refused = { code: 'rate-limited', 'retry-after': '3600' };
  expect(await keep(limits, key, 1)).toEqual(refused);
  if (first.kind === 'admitted') first[Symbol.dispose]();
  expect(limits.headers(key)['ratelimit']).toContain('"minute";r=9;');
  expect(await keep(limits, key, 1)).toBe('admitted');
  expect(await keep(limits, key, 1)).toEqual(refused);
});

test('a spent budget refuses until midnight UTC', async () => {
  const { limits } = limitsWith({ images: 0, usd: 2 });
  const refused = { code: 'budget-exceeded', 'retry-after': '3600' };
  expect(await keep(limits, { caller: 'shop', dailyBudgetUsd: 2 }, 1)).toEqual(refused);
  expect(await keep(limits, { caller: 'shop', dailyBudgetUsd: 2.01 }, 1)).toBe('admitted');
  expect(await keep(limits, undefined, 1)).toBe('admitted');
});

test('the RateLimit headers say what is left', async () => {
  const { limits } = limitsWith({ images: 700, usd: 0 });
  const key = { caller: 'shop', imagesPerMinute: 60, imagesPerDay: 1_000 };
  await keep(limits, key, 10);
  expect(limits.headers(key)).toEqual({
    'ratelimit-policy': '"minute";q=60;w=60, "day";q=1000;w=86400',
    ratelimit: '"minute";r=50;t=10, "day";r=290;t=3600',
  });
  expect(limits.headers({ caller: 'shop', dailyBudgetUsd: 1 })).toEqual({});
});

describe('a job', () => {
  const KEY = { caller: 'shop', imagesPerDay: 100, dailyBudgetUsd: 2 };
  const job = (images: number, lowUsd?: number, highUsd?: number) => ({ images, lowUsd, highUsd });

  test('counts as soon as it is admitted, and once when it is kept', async () => {
    const { limits } = limitsWith({ images: 30, usd: 0 });
    const first = await limits.admitJob(KEY, job(60));
    expect(first).toMatchObject({ kind: 'admitted', maxImages: 60 });
    const second = { code: 'rate-limited', headers: { 'retry-after': '3600' } };
    expect(await limits.admitJob(KEY, job(11))).toMatchObject(second);
    expect(await keep(limits, KEY, 11)).toMatchObject({ code: 'rate-limited' });
    if (first.kind === 'admitted') first.keep();
    expect(await limits.admitJob(KEY, job(11))).toMatchObject(second);
    expect(await limits.admitJob(KEY, job(10))).toMatchObject({ kind: 'admitted' });
  });

  test('that was not created gives its place back', async () => {
    const { limits } = limitsWith();
    const first = await limits.admitJob(KEY, job(100, 1, 2));
    expect(await limits.admitJob(KEY, job(1, 0.1, 0.2))).toMatchObject({ code: 'budget-exceeded' });
    if (first.kind === 'admitted') first[Symbol.dispose]();
    expect(await limits.admitJob(KEY, job(100, 1, 2))).toMatchObject({ kind: 'admitted' });
  });

  test.each([
    ['more than a day has', job(101), 'job-over-limit'],
    ['more than a day may cost', job(1, 2.1, 3), 'job-over-limit'],
    ['more than is left', job(1, 1.6, 1.9), 'budget-exceeded'],
  ])('of %s is refused', async (_what, expected, code) => {
    const { limits } = limitsWith({ images: 0, usd: 0.5 });
    expect(await limits.admitJob(KEY, expected)).toMatchObject({ code });
  });

  test.each([
    ['the high end of its estimate', job(1, 0.1, 0.4), 0.4],
    ['what is left', job(1, 0.1, 3), 1.5],
    ['what is left, if its price is not known', job(1), 1.5],
  ])('may cost %s', async (_what, expected, maxUsd) => {
    const { limits } = limitsWith({ images: 0, usd: 0.5 });
    expect(await limits.admitJob(KEY, expected)).toMatchObject({ maxUsd });
  });

  test('does not wait for images of a minute, and takes none of them', async () => {
    const { limits } = limitsWith();
    const key = { caller: 'shop', imagesPerMinute: 1 };
    const admitted = await limits.admitJob(key, job(1_440));
    expect(admitted).toMatchObject({ kind: 'admitted', maxImages: 1_440, maxUsd: undefined });
    if (admitted.kind === 'admitted') admitted.keep();
    expect(await keep(limits, key, 1)).toBe('admitted');
    expect(await limits.admitJob(key, job(1))).toMatchObject({ code: 'rate-limited' });
  });
});
