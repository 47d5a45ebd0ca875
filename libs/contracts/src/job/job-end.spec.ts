import { expect, test } from 'vitest';
import { summarizeJob, type JobPlan, type JobStop } from './job-end.ts';

const JOB = { id: '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f', createdAt: '2026-11-26T07:00:00.000Z' };
const PLAN: JobPlan = { v: 1, pages: 2, images: 150, bytes: 0, cut: false, at: JOB.createdAt };
const COUNTS = { succeeded: 150, failed: 0, skipped: 0, nanoUsd: 1, busyMs: 1 };
const stop = (reason: JobStop['reason']): JobStop => ({
  v: 1,
  reason,
  detail: '',
  at: JOB.createdAt,
});
const statusOf = (plan: JobPlan, skipped: number, stopped?: JobStop) =>
  summarizeJob(JOB, plan, { ...COUNTS, succeeded: 150 - skipped, skipped }, stopped, JOB.createdAt)
    .status;

test.each([
  ['succeeded', 'nothing stopped it', PLAN, 0, undefined],
  ['succeeded', 'it was canceled after its last image', PLAN, 0, stop('canceled')],
  ['canceled', 'images were skipped', PLAN, 10, stop('canceled')],
  ['canceled', 'not everything was listed', { ...PLAN, cut: true }, 0, stop('canceled')],
  ['failed', 'its budget was spent', PLAN, 10, stop('budget')],
  ['failed', 'its source could not be read', { ...PLAN, cut: true }, 0, stop('source')],
] as const)('a job has %s when %s', (status, _when, plan, skipped, stopped) => {
  expect(statusOf(plan, skipped, stopped)).toBe(status);
});
