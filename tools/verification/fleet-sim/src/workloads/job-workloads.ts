import type { Workload } from '../types.ts';
import { poisson } from './arrivals.ts';
import { makeWorkload, type WorkloadKind } from './index.ts';

const MINUTE = 60;
const HOUR = 3600;

/** A kind of workload with jobs, beside requests. */
export type JobWorkloadKind = WorkloadKind & { jobs: NonNullable<Workload['jobs']> };

/** Requests at a rate; the first job is created after 10 minutes. */
const beside = (
  perSecond: number,
  name: string,
  about: string,
  hours: number,
  jobs: JobWorkloadKind['jobs'],
): JobWorkloadKind => ({
  ...{ name, about, jobs },
  durationSeconds: hours * HOUR,
  arrivals: (random) =>
    perSecond === 0
      ? new Float64Array()
      : poisson(() => perSecond, perSecond, hours * HOUR, random),
});

const AT = 10 * MINUTE;

export const JOB_WORKLOADS: readonly JobWorkloadKind[] = [
  beside(5, 'job-million', 'a million images of 0.25 s, beside 5 requests a second', 3, [
    { at: AT, images: 1_000_000, imageSeconds: 0.25 },
  ]),
  beside(0, 'job-million-alone', 'a million images of 0.25 s, no requests', 3, [
    { at: AT, images: 1_000_000, imageSeconds: 0.25 },
  ]),
  beside(5, 'job-million-fast', 'a million images of 0.05 s, beside 5 requests a second', 2, [
    { at: AT, images: 1_000_000, imageSeconds: 0.05 },
  ]),
  beside(0, 'job-small', '500 images on an idle fleet', 0.5, [
    { at: AT, images: 500, imageSeconds: 0.25 },
  ]),
  beside(2, 'job-limit', '100,000 images within 30 min, beside 2 requests a second', 1, [
    { at: AT, images: 100_000, imageSeconds: 0.25, completeWithinSeconds: 30 * MINUTE },
  ]),
  beside(
    2,
    'job-two',
    '200,000 images, and 10 min later 20,000 within an hour, beside 2 a second',
    2,
    [
      { at: AT, images: 200_000, imageSeconds: 0.25 },
      { at: 2 * AT, images: 20_000, imageSeconds: 0.25, completeWithinSeconds: HOUR },
    ],
  ),
];

/** The same kind and seed make the same workload. */
export const makeJobWorkload = (kind: JobWorkloadKind, seed: number): Workload => ({
  ...makeWorkload(kind, seed),
  jobs: kind.jobs,
});
