import { describe, expect, it } from 'vitest';
import { learnBoot, learnJobImages, learnService, NOTHING_LEARNED } from '../learned.ts';
import type { FleetView } from '../observation.ts';
import { aJob, aWorker, many, NOW, someWork, withChunk } from '../testing/builders.ts';
import { jobDemand, type JobsInput, type JobsMemory } from './job-demand.ts';
import type { ActiveJob } from './active-job.ts';

const { booting, busy } = aWorker;

/** 0.5 s an image of a job, 0.25 s of a request, 40 s a boot. */
const learned = learnBoot(
  learnService(learnJobImages(NOTHING_LEARNED, 1000, 500), someWork(100, 25)),
  40,
);
const HOUR_MS = 3_600_000;

const fleetOf = (workers: FleetView['workers'], openLaunches = 0): FleetView => ({
  workers,
  openLaunches,
});

function demand(
  jobs: readonly ActiveJob[],
  { before, ...input }: Partial<Omit<JobsInput, 'jobs'>> & { before?: JobsMemory } = {},
) {
  const all = { fleet: fleetOf([]), learned, completed: 0, maxWorkers: 100, ...input };
  return jobDemand({ ...all, jobs: { kind: 'known', value: jobs } }, before, NOW).demand;
}

/** Memory of this many workers, and of this many requests a second. */
const remembered = (workers: number, perSecond = 0): JobsMemory => ({
  workers,
  requests: { completed: 0, atMs: NOW, perSecond },
});

describe('the workers that jobs want', () => {
  it.each<[string, readonly ActiveJob[], number]>([
    ['no job', [], 0],
    ['a job that is being planned', [aJob(0)], 1],
    // 0.05 * 50,000 s / (40 + 60) s
    ['a job without a time limit', [aJob(100_000)], 25],
    // 36,000 s in 0.95 * (3600 - 20) - 40 s each
    ['a job with a time limit', [aJob(72_000, { completeByMs: NOW + HOUR_MS })], 11],
    [
      // 0.5 s * 145,000 / (0.95 * (1800 - 20) - 40) s; 5 % of it would be 36.
      'a small job with a time limit behind a large one without: all is done before it',
      [aJob(144_000), aJob(1000, { completeByMs: NOW + HOUR_MS / 2 })],
      44,
    ],
    [
      'a small one with a time limit before a large one without: 50,000 s at 5 %',
      [aJob(100, { completeByMs: NOW + HOUR_MS }), aJob(99_900)],
      25,
    ],
    ['a stopped job', [aJob(1_000_000, { state: 'stopped' })], 1],
    ['a job that has nearly spent its budget', [aJob(1_000_000, { state: 'nearly-spent' })], 1],
    ['a stopped job before another', [aJob(1e6, { state: 'stopped' }), aJob(100_000)], 25],
  ])('%s', (_, jobs, workers) => {
    expect(demand(jobs)).toMatchObject({ workers });
  });

  it('are within the maximum, and what is wanted is said', () => {
    expect(demand([aJob(1_000_000)], { maxWorkers: 20 })).toMatchObject({
      workers: 20,
      wanted: 250,
    });
  });

  it('are as many more as requests keep busy: 16 a second of 0.25 s', () => {
    expect(demand([aJob(100_000)], { before: remembered(0, 16) })).toMatchObject({ workers: 29 });
    // Few requests do not keep a worker busy.
    expect(demand([aJob(100_000)], { before: remembered(0, 1) })).toMatchObject({ workers: 25 });
  });

  it('stay while each has a minute of work, although fewer would do', () => {
    const fleet = fleetOf([...many(5, busy), withChunk('i-8')]);
    const atHand = { fleet, before: remembered(6) };
    // 0.5 s * 720 / 60 s
    expect(demand([aJob(720)], atHand)).toMatchObject({ workers: 6 });
    expect(demand([aJob(719)], atHand)).toMatchObject({ workers: 5 });
    expect(demand([aJob(10)], atHand)).toMatchObject({ workers: 1 });
    expect(demand([], atHand)).toMatchObject({ workers: 0 });
    // One that died is not replaced if the others are enough.
    expect(demand([aJob(720)], { ...atHand, fleet: fleetOf(many(4, busy)) })) //
      .toMatchObject({ workers: 4 });
  });

  it('of a job that has nearly spent its budget stay, and none is launched for it', () => {
    const jobs = [aJob(100_000, { state: 'nearly-spent' })];
    const fleet = fleetOf(many(6, withChunk));
    expect(demand(jobs, { fleet, before: remembered(6) })).toMatchObject({ workers: 6 });
    expect(demand(jobs, { fleet: fleetOf(many(3, withChunk)), before: remembered(6) })) //
      .toMatchObject({ workers: 3 });
  });

  it('say when the images are done: 500 s of work by 5 workers, or after their boots', () => {
    const jobs = [aJob(1000, { completeByMs: NOW + 150_000 })];
    const doneAtMs = (fleet: FleetView) => demand(jobs, { fleet }).known?.doneAtMs;
    expect(doneAtMs(fleetOf(many(5, withChunk)))).toBe(NOW + 100_000);
    // 6 launched for 0.95 * (150 - 20) - 40 s each
    expect(doneAtMs(fleetOf([]))).toBeCloseTo(NOW + 40_000 + 500_000 / 6, 3);
    expect(doneAtMs(fleetOf([], 7))).toBeCloseTo(NOW + 40_000 + 500_000 / 6, 3);
    // 10 s of the boots are left, and then five are enough.
    const boots = Array.from({ length: 7 }, (_, index) => booting(`i-${index}`, 30));
    expect(doneAtMs(fleetOf(boots))).toBe(NOW + 110_000);
  });

  it('are those of before while jobs are unknown; if they never were known, all there are', () => {
    const unknown = { kind: 'unknown', reason: 'timed out' } as const;
    const input = { fleet: fleetOf(many(9, busy)), learned, completed: 0, maxWorkers: 20 };
    const blind = jobDemand({ ...input, jobs: unknown }, remembered(6), NOW);
    expect(blind.demand).toMatchObject({ workers: 6, known: null });
    expect(blind.memory.workers).toBe(6);
    const never = jobDemand({ ...input, jobs: unknown }, undefined, NOW);
    expect(never.demand).toMatchObject({ workers: 9, known: null });
    expect(never.memory).not.toHaveProperty('workers');
  });
});
