import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { JobActivity } from './job-activity.ts';

test('counts chunks, images and the time of classifier processes, and is quiet without messages', async () => {
  const clock = new FakeClock();
  const jobs = new JobActivity(clock, 2);
  await clock.advance(500);
  expect(jobs.quietMs()).toBe(500);
  const chunk = jobs.begin('chunk');
  const plan = jobs.begin('plan');
  expect(jobs.report()).toEqual({ openChunks: 1, images: 0, classifySeconds: 0, processes: 2 });
  const first = jobs.classifying();
  await clock.advance(1_000);
  const second = jobs.classifying();
  await clock.advance(1_000);
  first[Symbol.dispose]();
  jobs.imageDone();
  // One second of one process, one of both; the second image is still in its process.
  expect(jobs.report()).toMatchObject({ images: 1, classifySeconds: 3 });
  await clock.advance(1_000);
  expect(jobs.report()).toMatchObject({ images: 1, classifySeconds: 4 });
  second[Symbol.dispose]();
  await clock.advance(1_000);
  expect(jobs.report()).toMatchObject({ classifySeconds: 4 });
  chunk[Symbol.dispose]();
  expect(jobs.quietMs()).toBe(0);
  expect(jobs.report().openChunks).toBe(0);
  plan[Symbol.dispose]();
  await clock.advance(250);
  expect(jobs.quietMs()).toBe(250);
});
