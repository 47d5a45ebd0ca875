import { describe, expect, it } from 'vitest';
import { POLICY_NAMES } from '../policies/index.ts';
import { someSettings } from '../testing/builders.ts';
import { runToyFleet, type ToyJob } from '../testing/toy-fleet.ts';

const IMAGE_SECONDS = 0.25;
const HOUR = 3600;
const TICKS_A_MINUTE = 30;

const NEVER_ROLLS = { versionAt: () => 1 };
const run = (
  settings: Parameters<typeof someSettings>[0],
  perSecond: number,
  jobs: readonly ToyJob[],
) =>
  runToyFleet(
    2 * HOUR,
    (second) => perSecond * second,
    IMAGE_SECONDS,
    someSettings(settings),
    NEVER_ROLLS,
    jobs,
  );

/** A quarter of an hour's work of ten workers. */
const A_JOB = { fromSecond: 600, images: 36_000 };

describe.each(POLICY_NAMES)('a fleet under %s with a job', (policy) => {
  it('completes it in time beside requests, and then is as large as without', () => {
    const job = { ...A_JOB, completeWithinSeconds: 1800 };
    const without = run({ policy }, 10, []);
    const withJob = run({ policy }, 10, [job]);
    const [doneAt = Infinity] = withJob.jobsDoneAt;
    expect(doneAt).toBeLessThanOrEqual(600 + 1800);
    // Not much earlier either. The simple policies have more workers for requests than these need.
    if (policy === 'deadline') expect(doneAt).toBeGreaterThan(600 + 1200);
    // Requests wait no longer than without it, once each fleet had its boots.
    const after = (waiting: readonly number[]) => Math.max(...waiting.slice(TICKS_A_MINUTE * 5));
    expect(after(withJob.waiting)).toBeLessThanOrEqual(after(without.waiting));
    // A minute and a half after its end the fleets are of the same size.
    const from = Math.ceil(doneAt / 2) + 1.5 * TICKS_A_MINUTE;
    const sizes = ({ up }: typeof without) => up.slice(from);
    expect(Math.max(...sizes(withJob))).toBeLessThanOrEqual(Math.max(...sizes(without)));
    expect(Math.min(...sizes(withJob))).toBeGreaterThanOrEqual(Math.min(...sizes(without)));
  });

  it('launches for it once, and drains nothing before its end', () => {
    const { decisions, jobsDoneAt, instances } = run({ policy }, 0, [A_JOB]);
    const [doneAt = 0] = jobsDoneAt;
    const launches = decisions.filter(({ decision }) => decision.launch > 0);
    expect(launches).toHaveLength(1);
    // 5 % of 9,000 s for boots of 40 s and last minutes
    expect(launches[0]?.decision.launch).toBe(4);
    const drained = decisions.slice(0, doneAt / 2).flatMap(({ decision }) => decision.drain);
    expect(drained).toEqual([]);
    expect(instances.at(-1)).toEqual([]);
  });

  it('serves two jobs one after the other with the same workers', () => {
    const { decisions, jobsDoneAt } = run({ policy }, 0, [
      { ...A_JOB, completeWithinSeconds: 1800 },
      { ...A_JOB, fromSecond: 700, completeWithinSeconds: 4000 },
    ]);
    expect(jobsDoneAt[0]).toBeLessThanOrEqual(600 + 1800);
    expect(jobsDoneAt[1]).toBeLessThanOrEqual(700 + 4000);
    const launched = decisions.reduce((sum, { decision }) => sum + decision.launch, 0);
    expect(launched).toBeLessThanOrEqual(7);
  });
});

it('releases the worker of a small job at its end, as that of a burst', () => {
  // Drained as soon as the job is done, 4 s later at most.
  const { decisions, jobsDoneAt } = run({ policy: 'deadline' }, 0, [
    { fromSecond: 600, images: 20 },
  ]);
  const drainedAt = 2 * decisions.findIndex(({ decision }) => decision.drain.length > 0);
  expect(jobsDoneAt).toEqual([646]);
  expect(drainedAt).toBeLessThanOrEqual(650);
});

it('gives requests the whole fleet, and the job what is left, if the maximum is too small for both', () => {
  // 60 images a second of 0.25 s keep 15 of 20 workers busy; the job wants 20.
  const job = { fromSecond: 600, images: 72_000, completeWithinSeconds: 900 };
  const { jobsDoneAt, waiting } = run({ policy: 'deadline', maxWorkers: 20 }, 60, [job]);
  const without = run({ policy: 'deadline', maxWorkers: 20 }, 60, []);
  const worst = (of: readonly number[]) => Math.max(...of.slice(TICKS_A_MINUTE * 10));
  expect(worst(waiting)).toBeLessThanOrEqual(worst(without.waiting));
  // 72,000 * 0.25 s by the other five workers: an hour.
  expect(jobsDoneAt[0]).toBeGreaterThan(600 + HOUR * 0.9);
  expect(jobsDoneAt[0]).toBeLessThan(600 + HOUR * 1.1);
});
