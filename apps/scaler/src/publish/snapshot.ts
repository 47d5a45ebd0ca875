import type { FleetSnapshot } from '@labelfleet/contracts';
import {
  bootSeconds,
  estimateWaitSeconds,
  expectBoot,
  hasChunks,
  jobImageSeconds,
  serviceSeconds,
  type Backlog,
  type Decision,
  type FleetView,
  type JobDemand,
  type Worker,
} from '@labelfleet/scaling';
import type { Acted } from '../act/act.ts';
import { nextLaunchMs } from '../launch/limit-launches.ts';
import { failedInARow, type Boots } from '../launch/track-boots.ts';
import type { Costs } from './cost-keeper.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

/** What the snapshot contains of a tick's observation and actions. */
export interface TickSummary {
  backlog: Backlog;
  fleet: FleetView;
  knowledge: FleetKnowledge;
  decision: Decision;
  /** What jobs want; absent: there is no batch queue, or something could not be observed. */
  jobs?: JobDemand;
  /** True if there is nothing to do. */
  idle: boolean;
  reason: string;
  acted: Acted;
  boots: Boots;
  policy: string;
  limits: { min: number; max: number };
}

type InstanceState = FleetSnapshot['instances'][number]['state'];

/** State that is kept from one snapshot to the next. */
export interface SnapshotMemory {
  /** Since when each instance has been in its state. */
  states: ReadonlyMap<string, { state: InstanceState; since: string }>;
  history: FleetSnapshot['history'];
  /** The active jobs when they were last known. */
  jobs: FleetSnapshot['jobs'];
}

export const NO_HISTORY: SnapshotMemory = { states: new Map(), history: [], jobs: undefined };

/** Five minutes, a sample every 2 s at most: about 12 KB. */
const HISTORY_MS = 5 * 60_000;
const SAMPLE_EVERY_MS = 2000;

/** Makes the fleet snapshot. @param now milliseconds since the epoch */
export function takeSnapshot(
  tick: TickSummary & Costs & Pick<FleetSnapshot, 'publishedEverySeconds'>,
  memory: SnapshotMemory,
  now: number,
): { snapshot: FleetSnapshot; memory: SnapshotMemory } {
  const at = new Date(now).toISOString();
  const { backlog, fleet, knowledge, decision, acted } = tick;
  const states = new Map(
    fleet.workers.map((worker) => {
      const state = publicState(worker);
      const known = memory.states.get(worker.id);
      return [worker.id, known?.state === state ? known : { state, since: at }] as const;
    }),
  );
  const workers = { booting: fleet.openLaunches, idle: 0, busy: 0, draining: 0, suspected: 0 };
  for (const { state } of states.values()) workers[state] += 1;
  const history = remember(
    memory.history,
    {
      at,
      backlog: backlog.visible,
      inFlight: backlog.inFlight,
      workers: workers.booting + workers.idle + workers.busy,
      completed: knowledge.completed,
    },
    now,
  );
  const jobs = viewJobs(tick.jobs, memory.jobs);
  const wait = estimateWaitSeconds(backlog, fleet, decision.desired, knowledge.learned, now);
  const bootP50 = bootSeconds(knowledge.learned, 0.5);
  const launches = new Map(fleet.workers.map(({ id, launchedAtMs }) => [id, launchedAtMs]));
  const snapshot: FleetSnapshot = {
    v: 1,
    at,
    publishedEverySeconds: tick.publishedEverySeconds,
    policy: tick.policy,
    workers,
    limits: tick.limits,
    queue: { backlog: backlog.visible, inFlight: backlog.inFlight, delayed: backlog.delayed },
    decision: {
      at,
      desired: decision.desired,
      launched: acted.launched,
      drained: acted.drained,
      reason: tick.reason,
    },
    estimatedWaitSeconds: rounded(wait),
    learned: {
      serviceSeconds: rounded(serviceSeconds(knowledge.learned)),
      bootSecondsP50: rounded(bootP50),
      bootSecondsP95: bootP50 === null ? null : rounded(expectBoot(knowledge.learned).p95),
      ...viewJobImage(rounded(jobImageSeconds(knowledge.learned))),
    },
    ...(jobs && { jobs }),
    models: modelsOf(fleet, knowledge),
    instances: [...states].map(([id, { state, since }]) => ({
      id,
      state,
      since,
      ...tick.countedOf(id),
      ...(state === 'booting' && viewBoot(launches.get(id), bootP50)),
    })),
    ...viewFailedBoots(tick.boots, now),
    cost: tick.cost,
    history,
  };
  return { snapshot, memory: { states, history, jobs } };
}

/**
 * True if two snapshots differ in more than their time and the cost, which grows all the time.
 */
export function differs(a: FleetSnapshot, b: FleetSnapshot): boolean {
  const facts = (snapshot: FleetSnapshot) =>
    JSON.stringify({
      ...snapshot,
      at: undefined,
      history: undefined,
      cost: undefined,
      decision: { ...snapshot.decision, at: undefined },
    });
  return facts(a) !== facts(b);
}

/** Undefined if there are none. While they are unknown, those that were known last. */
function viewJobs(
  demand: JobDemand | undefined,
  before: FleetSnapshot['jobs'],
): FleetSnapshot['jobs'] {
  if (demand === undefined || demand.known === null) return before;
  const { active, remaining } = demand.known;
  return active === 0 ? undefined : { active, remaining, workers: demand.workers };
}

const viewJobImage = (seconds: number | null) =>
  seconds === null ? {} : { jobImageSeconds: seconds };

/** The models of the workers that are up. */
function modelsOf({ workers }: FleetView, { heartbeats }: FleetKnowledge): string[] {
  const models = workers.flatMap(({ id }) => heartbeats.get(id)?.event.modelSha256 ?? []);
  return [...new Set(models)].sort();
}

function viewBoot(launchedAtMs: number | undefined, bootP50: number | null) {
  if (launchedAtMs === undefined) return {};
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    launchedAt: iso(launchedAtMs),
    ...(bootP50 !== null && { expectedReadyAt: iso(launchedAtMs + 1000 * bootP50) }),
  };
}

function viewFailedBoots(boots: Boots, now: number): Pick<FleetSnapshot, 'failedBoots'> {
  const failed = failedInARow(boots);
  const [first, last] = [failed[0], failed.at(-1)];
  if (first === undefined || last === undefined) return {};
  const nextMs = nextLaunchMs(boots);
  return {
    failedBoots: {
      count: failed.length,
      since: new Date(first.atMs).toISOString(),
      last: new Date(last.atMs).toISOString(),
      cause: last.cause,
      message: last.message,
      nextLaunchAt: nextMs > now ? new Date(nextMs).toISOString() : null,
    },
  };
}

/** Workers that are drained or leaving are published as draining, those with chunks of jobs as busy. */
function publicState(worker: Worker): InstanceState {
  if (hasChunks(worker)) return 'busy';
  const { state } = worker;
  return state === 'drained' || state === 'leaving' ? 'draining' : state;
}

function remember(
  history: FleetSnapshot['history'],
  sample: FleetSnapshot['history'][number],
  now: number,
): FleetSnapshot['history'] {
  const last = history.at(-1);
  if (last !== undefined && now - Date.parse(last.at) < SAMPLE_EVERY_MS) return history;
  return [...history.filter(({ at }) => now - Date.parse(at) < HISTORY_MS), sample];
}

const rounded = (seconds: number | null) =>
  seconds === null ? null : Math.round(seconds * 1000) / 1000;
