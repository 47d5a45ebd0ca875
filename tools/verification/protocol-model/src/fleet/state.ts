import type { FleetMemory, Instruction, WorkerState } from '@labelfleet/contracts';
import type { LeaseEffect, LeaseState, StoredLease } from '@labelfleet/scaler/protocol';
import type { Steps } from '../steps.ts';
import type { FleetRule } from './rules.ts';

/** The largest number of occurrences of each fault. */
export const FLEET_FAULTS = [
  'images',
  'stops',
  'crashes',
  'writesLost',
  'timeouts',
  'refusals',
  'throttles',
  'partialLaunches',
  'lateReports',
  'misreadDepths',
  'deafScalers',
  'hungWorkers',
  'blindWorkers',
  'lostWorkers',
  'abandonments',
] as const;
type FleetFault = (typeof FLEET_FAULTS)[number];

/** Numbers of processes and, by kind, of faults. */
export interface FleetBounds extends Partial<Record<FleetFault, number>> {
  /** 1 or 2. */
  scalers: number;
  maxWorkers: number;
  /** Images on the request queue at the start; the fault `images` counts those that arrive later. */
  firstImages: number;
  /** Idle workers at the start, which the first scaler knows. */
  firstWorkers?: number;
  /** 1: 15 minutes may pass while a launch is open, after which calls expire and launches are forgotten. */
  minutesPass?: number;
  /** 1: a scaler that lost its lease continues until it notices; otherwise it notices at once. */
  lateToNotice?: number;
  /** 1: a worker without a heartbeat counts as a boot, which is drained if it is not needed. */
  releasesBoots?: number;
  /** The lead of the first scaler's wall clock over the second's. */
  clockAheadMs?: number;
  without?: FleetRule;
}

/** The actual state of a worker. */
export interface Worker {
  /** `hung`: it does not work and sends no heartbeats. */
  at: 'booting' | 'idle' | 'busy' | 'hung';
  state: WorkerState;
  /** Id of the instruction that it follows. */
  id?: string;
  /** True if a long poll is running although it reports drained. */
  polls?: boolean;
  /** It cannot read its tags. */
  blind?: boolean;
  /** True if its newest heartbeat has not been sent. */
  unsaid?: boolean;
}

/** The content of a heartbeat. */
export interface Saying {
  state: WorkerState;
  busy: boolean;
  id?: string;
  /** True for a heartbeat that was sent before the current one. */
  late?: boolean;
}

export interface Instance {
  id: string;
  /** The token of its launch. */
  token: string;
  state: 'running' | 'stopping' | 'terminated';
  /** Whether Describe shows it. */
  shown: boolean;
  tags: Readonly<Record<string, string>>;
  /** The tags that Describe shows. */
  shownTags: Readonly<Record<string, string>>;
  worker: Worker;
  /** A delayed heartbeat. */
  late: Saying | undefined;
}

export type Call =
  | { kind: 'launch'; token: string; count: number }
  | { kind: 'tag'; instance: string; instruction: Instruction }
  | { kind: 'terminate'; instance: string; drained: boolean };

export interface Scaler {
  up: boolean;
  /** True if its last write of the lease is so recent that its own check passes. */
  fresh: boolean;
  lease: LeaseState;
  /** A delayed write of the lease. */
  writing: Extract<LeaseEffect, { kind: 'write' }> | undefined;
  memory: FleetMemory;
  /** The newest heartbeats by instance. */
  heard: Readonly<Record<string, Saying>>;
  /** The silence of each instance by its hearing clock. */
  unheardMs: Readonly<Record<string, number>>;
  /** The remaining calls of its tick. */
  calls: readonly Call[];
  /** True if the first one has been sent. */
  waits: boolean;
}

/** A signed and sent call that takes effect late or never. */
export interface LateCall {
  by: number;
  call: Call;
  /** It was signed 15 min ago, less the seconds between the decision and the call. */
  old: boolean;
}

/** The state of the model. */
export interface FleetState {
  /** Images on the request queue that no worker holds. */
  images: number;
  instances: readonly Instance[];
  /** The object in the state bucket. */
  object: StoredLease | null;
  scalers: readonly Scaler[];
  late: readonly LateCall[];
  /**
   * The true age of launches by token, in units of the time for which a launch is counted (16.5 min). Absent: new.
   */
  ages: Readonly<Record<string, number>>;
  /** True if no scaler will run again. */
  abandoned: boolean;
  wrong: string;
  faults: Readonly<Record<FleetFault, number>>;
}

export type FleetSteps = Steps<FleetState>;

/** A copy of a state with changes. */
export const change = (state: FleetState, changes: Partial<FleetState>): FleetState => ({
  ...state,
  ...changes,
});

/** A running instance that Describe does not show yet. */
export const newInstance = (id: string, token: string, worker: Worker): Instance => ({
  id,
  token,
  state: 'running',
  shown: false,
  tags: {},
  shownTags: {},
  worker,
  late: undefined,
});

export function changeInstance(
  state: FleetState,
  id: string,
  changes: Partial<Instance>,
): FleetState {
  const changed = (each: Instance) => (each.id === id ? { ...each, ...changes } : each);
  return change(state, { instances: state.instances.map(changed) });
}

type Intent = FleetMemory['intents'][number];

/** A memory with changes in each of its launches. */
export const withIntents = (
  memory: FleetMemory,
  changes: (intent: Intent) => Partial<Intent>,
): FleetMemory => ({
  ...memory,
  intents: memory.intents.map((intent) => ({ ...intent, ...changes(intent) })),
});

/** A record with an added entry and sorted keys. */
export const withEntry = <T>(record: Readonly<Record<string, T>>, key: string, value: T) =>
  Object.fromEntries(
    Object.entries({ ...record, [key]: value }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export const withoutEntry = <T>(record: Readonly<Record<string, T>>, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
