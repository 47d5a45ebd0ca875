import { decide, type Decided } from '../decide.ts';
import { initialMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import { learnBoot, learnService, NOTHING_LEARNED } from '../learned.ts';
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
}

export interface ToyTemplate {
  /** The newest version of the launch template. */
  versionAt: (second: number) => number;
  /** The version whose boots never end. */
  broken?: number;
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
): ToyRun {
  const learned = learnBoot(
    learnService(NOTHING_LEARNED, someWork(100, 100 * serviceSeconds)),
    BOOT_SECONDS,
  );
  const run = {
    decisions: [] as Decided[],
    up: [] as number[],
    waiting: [] as number[],
    instances: [] as Instance[][],
  };
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
    const workers: Worker[] = instances.map(({ id, launchedAtMs, drainedAtMs, version }) => {
      const worker = { id, launchedAtMs, template: template(version) };
      if (drainedAtMs !== undefined) return { ...worker, state: 'drained' };
      const index = up.findIndex((each) => each.id === id);
      if (index === -1) return { ...worker, state: 'booting' };
      if (index < busy) return { ...worker, state: 'busy' };
      return { ...worker, state: 'idle', idleSeconds: 0, reportedAtMs: now };
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
    done = Math.min(arrivedBy(second + TICK_SECONDS), done + Math.min(images, most));
    if (second % REPORT_EVERY_SECONDS === 0) reported = Math.floor(done);
  }
  return run;
}
