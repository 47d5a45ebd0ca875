import { expect, test } from 'vitest';
import { aJob } from '../testing/jobs.ts';
import { NOW } from '../testing/fleet.ts';
import { reduceJobs, type JobsEvent, type JobsState } from './jobs-state.ts';

const completedAt = new Date(NOW).toISOString();
const open = (number: number) => aJob({}, number);
const done = (number: number) => aJob({ status: 'succeeded', completedAt }, number);
const read = (...jobs: ReturnType<typeof aJob>[]): JobsEvent => ({
  kind: 'jobs-read',
  jobs,
  hasOlder: false,
});
const after = (...events: JobsEvent[]) =>
  events.reduce<JobsState | undefined>(reduceJobs, undefined);

test('the list is what was read last, the newest first', () => {
  const state = after(read(open(1)), read(open(3), open(2)));
  expect(state?.list).toEqual([open(3), open(2)]);
});

test('a job that this page has started is the first', () => {
  expect(after(read(open(1)), { kind: 'job-read', job: open(2) })?.list).toEqual([
    open(2),
    open(1),
  ]);
});

test('a late answer does not open a completed job again', () => {
  const late: JobsEvent[] = [read(open(1)), { kind: 'job-read', job: open(1) }];
  for (const event of late) expect(after(read(done(1)), event)?.list).toEqual([done(1)]);
});

test('only a job that was seen to run has ended', () => {
  expect(after(read(done(1)))?.ended).toBeUndefined();
  expect(after(read(open(1)), read(done(1)))?.ended).toEqual(done(1));
  expect(after(read(open(1)), { kind: 'job-read', job: done(1) })?.ended).toEqual(done(1));
});

test('an answer goes when the form is changed', () => {
  const answer = { text: 'No.', more: '', isRefusal: true };
  const answered = after(read(), { kind: 'job-answered', answer });
  expect(answered?.answer).toEqual(answer);
  expect(reduceJobs(answered, { kind: 'job-answered', answer: undefined }).answer).toBeUndefined();
});
