import { decide, type Decided } from '../decide.ts';
import { initialMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import type { ActiveJob } from '../jobs/active-job.ts';
import { learnBoot, learnJobImages, learnService, NOTHING_LEARNED } from '../learned.ts';
import type { Worker } from '../observation.ts';
import { NOW, someWork } from './builders.ts';

const TICK_SECONDS = 2;
const BOOT_SECONDS = 40;
/** A heartbeat comes every 3 s. */
const REPORT_EVERY_SECONDS = 3;

export interface ToyRun {
  /** By tick. */
  decisions: readonly Decided[];
  /** Workers that were up, by tick. */
  up: readonly number[];
  /** Images that were waiting at the end of each tick. */
  waiting: readonly number[];
  /** The instances of each tick. */
  instances: readonly (readonly Instance[])[];
  /** The second at which each job was done, in the order in which they were. */
  jobsDoneAt: readonly number[];
}

export interface ToyTemplate {
  /** The newest version of the launch template. */
  versionAt: (second: number) => number;
  /** The version whose boots never end. */
  broken?: number;
}

/** A job. Its images take as long as those of requests. */
export interface ToyJob {
  fromSecond: number;
  images: number;
  completeWithinSeconds?: number;
}

interface Instance {
  id: string;
  launchedAtMs: number;
  drainedAtMs: number | undefined;
  version: number;
}

/**
 * Simulates a deterministic fleet that follows decisions: images arrive as `arrivedBy` says, and are shared evenly
 * by the workers that are up. It shows how decisions influence later decisions; the simulator
 * (tools/verification/fleet-sim) measures cost.
 */
export function runToyFleet(
  seconds: number,
  arrivedBy: (second: number) => number,
  serviceSeconds: number,
  settings: ScalingSettings,
  { versionAt, broken }: ToyTemplate = { versionAt: () => 1 },
  toyJobs?: readonly ToyJob[],
): ToyRun {
  const learned = learnBoot(
    learnService(
      toyJobs === undefined
        ? NOTHING_LEARNED
        : learnJobImages(NOTHING_LEARNED, 1000, 1000 * serviceSeconds),
      someWork(100, 100 * serviceSeconds),
    ),
    BOOT_SECONDS,
  );
  const run = {
    decisions: [] as Decided[],
    up: [] as number[],
    waiting: [] as number[],
    instances: [] as Instance[][],
    jobsDoneAt: [] as number[],
  };
  // With jobs, as if they had been idle for a while: the simple policies release no others.
  const idleSeconds = toyJobs === undefined ? 0 : 100;
  const left = toyJobs?.map(({ images }) => images) ?? [];
  let memory = initialMemory;
  let instances: Instance[] = [];
  let launches = 0;
  let done = 0;
  let reported = 0;
  for (let second = 0; second <= seconds; second += TICK_SECONDS) {
    const now = NOW + second * 1000;
    const isUp = ({ launchedAtMs, drainedAtMs, version }: Instance) =>
      drainedAtMs === undefined && version !== broken && now - launchedAtMs >= BOOT_SECONDS * 1000;
    const template = (version: number) => ({ id: 'lt-1', version: String(version) });
    const up = instances.filter(isUp);
    const images = Math.floor(arrivedBy(second)) - Math.floor(done);
    const most = (up.length * TICK_SECONDS) / serviceSeconds;
    const busy = Math.min(up.length, Math.ceil((images / most) * up.length));
    const active = toyJobs?.flatMap((job, index) => {
      const remaining = Math.ceil(left[index] ?? 0);
      if (second < job.fromSecond || remaining === 0) return [];
      return { ...job, index, remaining };
    });
    const workers: Worker[] = instances.map(({ id, launchedAtMs, drainedAtMs, version }) => {
      const worker = { id, launchedAtMs, template: template(version) };
      if (drainedAtMs !== undefined) return { ...worker, state: 'drained' };
      const index = up.findIndex((each) => each.id === id);
      if (index === -1) return { ...worker, state: 'booting' };
      if (index < busy) return { ...worker, state: 'busy' };
      const chunks = active !== undefined && active.length > 0 ? { chunks: 1 } : {};
      return { ...worker, state: 'idle', idleSeconds, reportedAtMs: now, ...chunks };
    });
    const decided = decide(
      {
        backlog: { kind: 'known', value: { visible: images, inFlight: 0, delayed: 0 } },
        fleet: {
          kind: 'known',
          value: { workers, openLaunches: 0, newestTemplate: template(versionAt(second)) },
        },
        learned,
        completed: reported,
        ...(active && { jobs: { kind: 'known', value: active.map((job) => viewOf(job)) } }),
      },
      memory,
      settings,
      now,
    );
    memory = decided.memory;
    run.instances.push(instances);
    const { launch, drain, resume, terminate } = decided.decision;
    instances = [
      ...instances
        .filter(({ id }) => !terminate.includes(id))
        .map((instance) => {
          if (drain.includes(instance.id)) return { ...instance, drainedAtMs: now };
          return resume.includes(instance.id) ? { ...instance, drainedAtMs: undefined } : instance;
        }),
      ...Array.from({ length: launch }, () => ({
        id: `i-${(launches += 1)}`,
        launchedAtMs: now,
        drainedAtMs: undefined,
        version: versionAt(second),
      })),
    ];
    run.decisions.push(decided);
    run.up.push(up.length);
    run.waiting.push(images);
    const requests = Math.min(images, most);
    done = Math.min(arrivedBy(second + TICK_SECONDS), done + requests);
    let spare = most - requests;
    for (const { index } of active ?? []) {
      const some = Math.min(spare, left[index] ?? 0);
      left[index] = (left[index] ?? 0) - some;
      spare -= some;
      if (left[index] === 0 && some > 0) run.jobsDoneAt.push(second + TICK_SECONDS);
    }
    if (second % REPORT_EVERY_SECONDS === 0) reported = Math.floor(done);
  }
  return run;
}

const viewOf = (job: ToyJob & { remaining: number }): ActiveJob => ({
  remaining: job.remaining,
  state: 'runs',
  ...(job.completeWithinSeconds !== undefined && {
    completeByMs: NOW + 1000 * (job.fromSecond + job.completeWithinSeconds),
  }),
});
