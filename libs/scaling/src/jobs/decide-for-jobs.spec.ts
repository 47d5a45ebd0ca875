import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { initialMemory } from '../decision-memory.ts';
import type { Decision } from '../decision.ts';
import { learnJobImages } from '../learned.ts';
import type { Observation, Worker } from '../observation.ts';
import {
  aJob,
  aWorker,
  many,
  NOTHING,
  NOW,
  observed,
  someSettings,
  withChunk,
} from '../testing/builders.ts';
import type { ActiveJob } from './active-job.ts';

const { idle, busy, draining, drained } = aWorker;

/** With images of jobs of 0.5 s. */
const withJobs = (observation: Observation, ...jobs: ActiveJob[]): Observation => ({
  ...observation,
  learned: learnJobImages(observation.learned, 100, 50),
  jobs: { kind: 'known', value: jobs },
});

interface Row {
  title: string;
  observation: Observation;
  settings?: Parameters<typeof someSettings>[0];
  decision: Partial<Decision>;
  reason: string;
}

const LAUNCHED = '0 images at one each want 0 workers; 0 live: 9 to launch';
const someHolders = (count: number): Worker[] => many(count, withChunk);

const rows: Row[] = [
  {
    // 0.05 * 20,000 s / (42 + 60) s = 9.8; 42 s of boot and 20,000 / 9 s.
    title: 'a job on an empty fleet gets the workers that it needs',
    observation: withJobs(observed(0), aJob(40_000)),
    decision: { desired: 9, launch: 9 },
    reason: `${LAUNCHED}; 1 job, 40,000 images left: 9 workers until 00:37 UTC`,
  },
  {
    title: 'workers of jobs serve requests: the larger number is wanted, not the sum',
    observation: withJobs(observed(4), aJob(40_000)),
    decision: { desired: 9, launch: 9 },
    reason:
      '4 images at one each want 4 workers; 0 live: 9 to launch; 1 job, 40,000 images left: 9 workers until 00:37 UTC',
  },
  {
    title: 'requests get what they want, whatever jobs want',
    observation: withJobs(observed(15), aJob(40_000)),
    decision: { desired: 15, launch: 15 },
    reason:
      '15 images at one each want 15 workers; 0 live: 15 to launch; 1 job, 40,000 images left: 9 workers until 00:37 UTC',
  },
  {
    title: 'draining and drained workers are resumed for a job',
    observation: withJobs(observed(0, [drained('i-1'), draining('i-2')]), aJob(100)),
    decision: { desired: 1, resume: ['i-2'], terminate: ['i-1'] },
    reason:
      '0 images at one each want 0 workers; 0 live: 1 to resume, 1 to terminate; 1 job, 100 images left: 1 worker until 00:01 UTC',
  },
  {
    title: 'the maximum is kept, and the reason says so',
    observation: withJobs(observed(0), aJob(10_000_000)),
    settings: { maxWorkers: 20 },
    decision: { desired: 20, launch: 20 },
    reason:
      '0 images at one each want 0 workers; 0 live: 20 to launch; 1 job, 10,000,000 images left: 20 workers at most, not 2450, until 2026-01-03 21:27 UTC',
  },
  {
    title: 'near the end those without a chunk are released, and those with one are not',
    observation: withJobs(
      observed(0, [...someHolders(3), idle('i-8', 9), idle('i-9', 7)]),
      aJob(8),
    ),
    decision: { desired: 1, drain: ['i-8', 'i-9'] },
    reason:
      '0 images at one each want 0 workers; 5 live: 2 to drain, 2 too many, but not idle for long enough; 1 job, 8 images left: 1 worker until 00:00 UTC, 2 more with chunks',
  },
  {
    title: 'above the maximum, workers with chunks are drained too, the others first',
    observation: withJobs(observed(0, [...someHolders(3), idle('i-9', 7)]), aJob(40_000)),
    settings: { maxWorkers: 2 },
    decision: { desired: 2, drain: ['i-9', 'i-0'] },
    reason:
      '0 images at one each want 0 workers; 4 live: 2 to drain; 1 job, 40,000 images left: 2 workers at most, not 9, until 02:46 UTC',
  },
  {
    title: 'when no job is active, all are released as ever',
    observation: withJobs(observed(0, [...someHolders(2), busy('i-9')])),
    decision: { desired: 0, drain: ['i-0', 'i-1'] },
    reason:
      '0 images at one each want 0 workers; 3 live: 2 to drain, 1 too many, but not idle for long enough',
  },
  {
    title: 'while jobs are unknown and never were known, nobody is released',
    observation: {
      ...observed(0, [idle('i-1', 99), withChunk('i-2')]),
      jobs: { kind: 'unknown', reason: 'timed out' },
    },
    decision: { desired: 2 },
    reason:
      '0 images at one each want 0 workers; 2 live: nothing to do; jobs are unknown (timed out): 2 workers as before',
  },
];

describe('a decision with jobs', () => {
  it.each(rows)('$title', ({ observation, settings, decision, reason }) => {
    const decided = decide(observation, initialMemory, someSettings(settings), NOW);
    expect(decided.decision).toEqual({ ...NOTHING, ...decision });
    expect(decided.reason).toBe(reason);
  });

  it('keeps the demand of jobs while they are unknown', () => {
    const first = decide(withJobs(observed(0), aJob(40_000)), initialMemory, someSettings(), NOW);
    const blind: Observation = {
      ...observed(0, someHolders(9)),
      jobs: { kind: 'unknown', reason: 'timed out' },
    };
    const second = decide(blind, first.memory, someSettings(), NOW + 2000);
    expect(second.decision).toEqual({ ...NOTHING, desired: 9 });
    expect(second.reason).toMatch(/; jobs are unknown \(timed out\): 9 workers as before$/);
  });

  it('is explained under the policy `deadline`', () => {
    const observation = withJobs(observed({ visible: 0, inFlight: 0 }), aJob(40_000), aJob(1));
    const settings = someSettings({ policy: 'deadline' });
    expect(decide(observation, initialMemory, settings, NOW).reason).toBe(
      '0 waiting; no worker is up: launch 9; 2 jobs, 40,001 images left: 9 workers until 00:37 UTC',
    );
  });

  it('drains an outdated worker without a chunk before one with', () => {
    const from = (version: string, worker: Worker): Worker => ({
      ...worker,
      template: { id: 'lt-1', version },
    });
    const workers = [from('1', withChunk('i-1')), from('1', busy('i-2')), from('2', busy('i-3'))];
    const observation = withJobs(observed(2, workers), aJob(10));
    const decided = decide(
      {
        ...observation,
        fleet: {
          kind: 'known',
          value: { workers, openLaunches: 0, newestTemplate: { id: 'lt-1', version: '2' } },
        },
      },
      initialMemory,
      someSettings({ roll: true }),
      NOW,
    );
    expect(decided.decision.drain).toEqual(['i-2']);
  });
});
