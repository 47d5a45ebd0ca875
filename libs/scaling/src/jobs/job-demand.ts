import { expectBoot, type ExpectedBoot } from '../boots.ts';
import { finishWork } from '../finish-work.ts';
import { jobImageSeconds, serviceSeconds, type Learned } from '../learned.ts';
import { countLive, type FleetView, type Observed, type Worker } from '../observation.ts';
import type { ActiveJob } from './active-job.ts';
import { takeCompleted, type RequestRate } from './request-load.ts';
import { workersForJob, type JobWork } from './workers-for-job.ts';

/** State that is kept from one decision to the next. Plain data. */
export interface JobsMemory {
  /** Workers wanted for jobs, within the maximum; absent: they were never known. */
  workers?: number;
  requests: RequestRate;
}

/** What jobs want of the fleet. */
export interface JobDemand {
  /** Workers wanted for jobs, within the maximum. They serve requests first. */
  workers: number;
  /** The same before the maximum. */
  wanted: number;
  /** Jobs that are not completed, and their images; null: unknown. */
  known: { active: number; remaining: number; doneAtMs: number | null } | null;
  /** Why they are unknown. */
  unknownReason?: string;
}

export interface JobsInput {
  jobs: Observed<readonly ActiveJob[]>;
  fleet: FleetView;
  learned: Learned;
  completed: number;
  maxWorkers: number;
}

/** Assumed until the first image of a job or request is measured: a small model on a small machine. */
const PRIOR_IMAGE_SECONDS = 0.25;
/** No worker is taken from jobs while each has work for so long. */
const WORTH_KEEPING_SECONDS = 60;
/** A boot that should have ended by now is expected to end this much later. */
const LATE_BOOT_SECONDS = 5;

/**
 * The workers that jobs want: those that they need at full speed, and as many as requests keep busy.
 *
 * A job costs the same on many workers as on few, but for their boots and last minutes. So workers that jobs have are
 * left to them while each has a minute of work, even if fewer would do: then nothing is launched and drained as a
 * forecast varies.
 * @param now milliseconds since the epoch
 */
export function jobDemand(
  { jobs, fleet, learned, completed, maxWorkers }: JobsInput,
  before: JobsMemory | undefined,
  now: number,
): { demand: JobDemand; memory: JobsMemory } {
  const requests = takeCompleted(before?.requests, completed, now);
  const within = (workers: number) => Math.min(maxWorkers, workers);
  if (jobs.kind === 'unknown') {
    const known = before?.workers;
    const workers = within(known ?? countLive(fleet));
    return {
      demand: { workers, wanted: workers, known: null, unknownReason: jobs.reason },
      memory: { ...(known !== undefined && { workers: known }), requests },
    };
  }
  const expected = expectWorkers(fleet, learned, now);
  const { secondsPerImage } = expected;
  const load = Math.round(requests.perSecond * (serviceSeconds(learned) ?? 0));
  const work = secondsPerImage * imagesOf(jobs.value, ['runs', 'nearly-spent']);
  const kept = Math.min(
    within(before?.workers ?? 0),
    countLive(fleet),
    Math.floor(work / WORTH_KEEPING_SECONDS),
  );
  const needed = workersNeeded(jobs.value, expected, now) + load;
  const wanted = jobs.value.length === 0 ? 0 : Math.max(needed, kept);
  const workers = within(wanted);
  const doneIn = work > 0 ? finishWork(work, 0, startTimes(expected, workers)) : null;
  const known = {
    active: jobs.value.length,
    remaining: imagesOf(jobs.value),
    doneAtMs: doneIn === null ? null : now + 1000 * doneIn,
  };
  return { demand: { workers, wanted, known }, memory: { workers, requests } };
}

type Expected = Required<
  Pick<JobWork, 'secondsPerImage' | 'bootSeconds' | 'live' | 'bootsDueInSeconds'>
>;

function expectWorkers(fleet: FleetView, learned: Learned, now: number): Expected {
  const boot = expectBoot(learned);
  const up = fleet.workers.filter(({ state }) => state === 'idle' || state === 'busy').length;
  const bootsDueInSeconds = bootsDue(fleet, boot, now);
  return {
    secondsPerImage: jobImageSeconds(learned) ?? serviceSeconds(learned) ?? PRIOR_IMAGE_SECONDS,
    bootSeconds: boot.p50,
    live: up + bootsDueInSeconds.length,
    bootsDueInSeconds,
  };
}

/**
 * Chunks are received in about the order in which they were sent, so a job is completed when its own images and
 * those of all older jobs are.
 * @param jobs the oldest first
 */
function workersNeeded(jobs: readonly ActiveJob[], expected: Expected, now: number): number {
  const { secondsPerImage, bootSeconds } = expected;
  const anywhere = { secondsPerImage, bootSeconds, maxWorkers: Infinity };
  // At least one, which plans a job, skips what is left of a stopped one, or completes it.
  let needed = 1;
  for (const [index, { completeByMs, state }] of jobs.entries()) {
    if (state !== 'runs') continue;
    const workers =
      completeByMs === undefined
        ? workersForJob({ ...anywhere, remaining: imagesOf(jobs, ['runs']) })
        : workersForJob({
            ...anywhere,
            ...expected,
            remaining: imagesOf(jobs.slice(0, index + 1), ['runs']),
            secondsLeft: (completeByMs - now) / 1000,
          });
    needed = Math.max(needed, workers);
  }
  return needed;
}

/** Images that are left of jobs, or of those in these states. */
const imagesOf = (jobs: readonly ActiveJob[], states?: readonly ActiveJob['state'][]): number =>
  jobs
    .filter(({ state }) => states === undefined || states.includes(state))
    .reduce((sum, { remaining }) => sum + remaining, 0);

/** Seconds until each boot ends that is under way, soonest first. Overdue boots are left out. */
function bootsDue(
  { workers, openLaunches }: FleetView,
  { p50, overdue }: ExpectedBoot,
  now: number,
): number[] {
  const age = ({ launchedAtMs }: Worker) => (now - launchedAtMs) / 1000;
  const boots = workers
    .filter((worker) => worker.state === 'booting' && age(worker) < overdue)
    .map((worker) => Math.max(p50 - age(worker), Math.min(p50, LATE_BOOT_SECONDS)));
  const launches = Array.from({ length: openLaunches }, () => p50);
  return [...boots, ...launches].sort((a, b) => a - b);
}

/** Seconds until each of so many workers is up, if those that are missing are launched now. */
const startTimes = ({ live, bootsDueInSeconds, bootSeconds }: Expected, workers: number) =>
  [
    ...Array.from({ length: live - bootsDueInSeconds.length }, () => 0),
    ...bootsDueInSeconds,
    ...Array.from({ length: workers }, () => bootSeconds),
  ].slice(0, workers);
