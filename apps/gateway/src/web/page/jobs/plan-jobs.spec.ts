import { expect, test } from 'vitest';
import { newRow } from '../state/rows.ts';
import { INITIAL, type State } from '../state/state.ts';
import { aJob } from '../testing/jobs.ts';
import { planJobs } from './plan-jobs.ts';

const completed = { status: 'succeeded', completedAt: '2026-11-22T05:12:50Z' } as const;
const withJobs = (...list: ReturnType<typeof aJob>[]): State => ({
  ...INITIAL,
  jobs: { list, hasOlder: false },
});
const one = withJobs(aJob(), aJob(completed, 2));
const row = newRow({ id: 'row', key: 'key', name: 'a.jpg', size: 1 });
const { id } = aJob();

test.each<[string, State, boolean, string | undefined, number]>([
  ['nothing is known', INITIAL, false, undefined, 30_000],
  ['nothing runs', withJobs(aJob(completed)), false, undefined, 30_000],
  ['one runs', one, false, id, 30_000],
  ['two run', withJobs(aJob(), aJob({}, 2)), false, undefined, 5_000],
  ['images wait', { ...one, rows: [row] }, false, undefined, 5_000],
  ['images have labels', { ...one, rows: [{ ...row, phase: 'succeeded' }] }, false, id, 30_000],
  ['nobody sees the page', one, true, undefined, Infinity],
  ['the key is missing', { ...one, apiKey: 'refused' }, false, undefined, Infinity],
])('while %s', (_case, state, isHidden, follow, readEveryMs) => {
  expect(planJobs(state, isHidden)).toEqual({ follow, readEveryMs });
});
