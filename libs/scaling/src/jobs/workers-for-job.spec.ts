import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finishWork } from '../finish-work.ts';
import { imagesOfChunkBy, workersForJob } from './workers-for-job.ts';

const job = { secondsPerImage: 0.1, bootSeconds: 40, maxWorkers: 20 };

describe('without a time to complete in', () => {
  test.each([
    // 100 s of work: one boot of 40 s and one end of 60 s are as much.
    { remaining: 1_000, workers: 1 },
    // 5 % of 4,000 s are two boots and ends.
    { remaining: 40_000, workers: 2 },
    // 5 % of 20,000 s are ten.
    { remaining: 200_000, workers: 10 },
    { remaining: 1_000_000, workers: 20 },
  ])('$remaining images get $workers workers', ({ remaining, workers }) => {
    expect(workersForJob({ ...job, remaining })).toBe(workers);
  });

  test('live workers are kept while each has a chunk', () => {
    expect(workersForJob({ ...job, remaining: 1_000, live: 8 })).toBe(8);
    expect(workersForJob({ ...job, remaining: 250, live: 8 })).toBe(3);
  });
});

describe('with a time to complete in', () => {
  test.each([
    // 1,000 s of work; a launched worker has 0.95 * (370 - 10) - 40 = 302 s.
    { secondsLeft: 370, live: 0, workers: 4 },
    // Two live ones do 342 s each, the other 316 s need two more.
    { secondsLeft: 370, live: 2, workers: 4 },
    // Three live ones do 342 s each.
    { secondsLeft: 370, live: 3, workers: 3 },
    // More than it takes are not wanted.
    { secondsLeft: 370, live: 9, workers: 3 },
    // Nobody can be up in time: a boot, and a minute of work for each.
    { secondsLeft: 45, live: 0, workers: 17 },
    // Three live ones do 100 s each meanwhile, and the other 700 s need twelve more.
    { secondsLeft: -5, live: 3, workers: 15 },
  ])('$secondsLeft s with $live live ones take $workers', ({ secondsLeft, live, workers }) => {
    expect(workersForJob({ ...job, remaining: 10_000, secondsLeft, live })).toBe(workers);
  });

  test('boots under way count from their end, and not at all if they are overdue', () => {
    const late = { ...job, remaining: 10_000, secondsLeft: 370 };
    // 3 * (342 - 1) s are enough, 3 * (342 - 20) s are not.
    expect(workersForJob({ ...late, live: 3, bootsDueInSeconds: [1, 1, 1] })).toBe(3);
    expect(workersForJob({ ...late, live: 3, bootsDueInSeconds: [20, 20, 20] })).toBe(4);
    expect(workersForJob({ ...late, live: 3, bootsDueInSeconds: [20, 20, 41] })).toBe(4);
  });

  test('the number stays while boots are under way', () => {
    const planned = workersForJob({ ...job, remaining: 100_000, secondsLeft: 3_600 });
    for (let second = 0; second < job.bootSeconds; second++) {
      const boots = Array.from({ length: planned }, () => job.bootSeconds - second);
      const now = { live: planned, bootsDueInSeconds: boots, secondsLeft: 3_600 - second };
      expect(workersForJob({ ...job, remaining: 100_000, ...now })).toBeLessThanOrEqual(planned);
    }
  });

  test('the number stays while the job goes as planned', () => {
    const planned = workersForJob({ ...job, remaining: 10_000, secondsLeft: 350 });
    for (let second = 0; second < 300; second += 10) {
      const remaining = 10_000 - (second * planned) / job.secondsPerImage;
      const now = { ...job, remaining, secondsLeft: 350 - job.bootSeconds - second, live: planned };
      expect(workersForJob(now)).toBeLessThanOrEqual(planned);
    }
  });
});

test('as many as that complete a job in time, and more for more images', () => {
  const jobs = fc.record({
    remaining: fc.integer({ min: 1, max: 1_000_000 }),
    secondsPerImage: fc.double({ min: 0.001, max: 1, noNaN: true }),
    secondsLeft: fc.double({ min: 330, max: 100_000, noNaN: true }),
    bootSeconds: fc.double({ min: 0, max: 200, noNaN: true }),
    boots: fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 20 }),
    up: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(jobs, fc.nat({ max: 100_000 }), ({ boots, up, ...rest }, more) => {
      const live = up + boots.length;
      const any = { ...rest, live, bootsDueInSeconds: boots, maxWorkers: Infinity };
      const { remaining, secondsPerImage, bootSeconds, secondsLeft } = any;
      const workers = workersForJob(any);
      const launched = Array.from({ length: workers }, () => bootSeconds);
      const startTimes = [...Array.from({ length: up }, () => 0), ...boots, ...launched]
        .toSorted((a, b) => a - b)
        .slice(0, workers);
      const done = finishWork(remaining * secondsPerImage, 0, startTimes);
      // Unless there is one chunk for each.
      const chunks = Math.ceil(remaining / imagesOfChunkBy(secondsPerImage));
      if (workers < chunks) expect(done).toBeLessThanOrEqual(secondsLeft);
      const larger = { ...any, remaining: remaining + more };
      expect(workersForJob(larger)).toBeGreaterThanOrEqual(workers);
    }),
  );
});

test('nothing to do takes no worker', () => {
  expect(workersForJob({ ...job, remaining: 0, live: 3 })).toBe(0);
  expect(workersForJob({ ...job, remaining: 0, secondsLeft: -1 })).toBe(0);
});

test('the number is whole and within its limits', () => {
  fc.assert(
    fc.property(
      fc.record({
        remaining: fc.integer({ min: 1, max: 10_000_000 }),
        secondsPerImage: fc.double({ min: 0.001, max: 60, noNaN: true }),
        secondsLeft: fc.option(fc.double({ min: -1e4, max: 1e6, noNaN: true }), { nil: undefined }),
        bootSeconds: fc.double({ min: 0, max: 600, noNaN: true }),
        live: fc.integer({ min: 0, max: 50 }),
        maxWorkers: fc.integer({ min: 1, max: 50 }),
      }),
      (any) => {
        const workers = workersForJob(any);
        expect(Number.isInteger(workers)).toBe(true);
        expect(workers).toBeGreaterThanOrEqual(1);
        expect(workers).toBeLessThanOrEqual(any.maxWorkers);
      },
    ),
  );
});

test.each([
  { seconds: 0.05, images: 100 },
  { seconds: 0.5, images: 40 },
  { seconds: 90, images: 1 },
])('a chunk has $images images of $seconds s', ({ seconds, images }) => {
  expect(imagesOfChunkBy(seconds)).toBe(images);
});
