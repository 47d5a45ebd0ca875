import type { FleetMemory, Instruction, WorkerState } from '@labelfleet/contracts';
import type { LeaseEffect, LeaseState, StoredLease } from '@labelfleet/scaler/protocol';
import type { FleetRule } from './rules.ts';

/** How often each may happen. */
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
export type FleetFault = (typeof FLEET_FAULTS)[number];

export interface FleetBounds {
  scalers: 1 | 2;
  maxWorkers: number;
  /** Images on the request queue to begin with; `images` among the faults are those that come later. */
  firstImages: number;
  /** Workers that are idle to begin with, as the first scaler knows. */
  firstWorkers?: number;
  faults: Partial<Record<FleetFault, number>>;
  /** Whether a quarter of an hour may pass while a launch is open: calls expire then, and launches are forgotten. */
  minutesPass?: boolean;
  /** Whether a scaler that has lost its lease goes on until it notices; otherwise it notices at once. */
  lateToNotice?: boolean;
  /** Whether whatever has not reported yet counts as a boot, and is told to drain where it is not needed. */
  releasesBoots?: boolean;
  /** How far the wall clock of the first scaler is ahead of the second's. */
  clockAheadMs?: number;
  without?: FleetRule;
}

/** A worker as it is. */
export interface Worker {
  /** `hung`: it does nothing and says nothing any more. */
  at: 'booting' | 'idle' | 'busy' | 'hung';
  state: WorkerState;
  /** Id of the instruction that it follows. */
  id?: string;
  /** A long poll is under way though it says that it is drained. */
  polls?: boolean;
  /** It cannot read its tags. */
  blind?: boolean;
  /** What it has to say has not been said yet. */
  unsaid?: boolean;
}

/** What a worker says of itself. */
export interface Saying {
  state: WorkerState;
  busy: boolean;
  id?: string;
  /** It was said before what is said now. */
  late?: boolean;
}

export interface Instance {
  id: string;
  /** Of the launch that made it. */
  token: string;
  state: 'running' | 'stopping' | 'terminated';
  /** Whether Describe shows it. */
  shown: boolean;
  tags: Readonly<Record<string, string>>;
  /** The tags that Describe shows. */
  shownTags: Readonly<Record<string, string>>;
  worker: Worker;
  /** A report that is still on its way. */
  late: Saying | undefined;
}

export type Call =
  | { kind: 'launch'; token: string; count: number }
  | { kind: 'tag'; instance: string; instruction: Instruction }
  | { kind: 'terminate'; instance: string; drained: boolean };

export interface Scaler {
  up: boolean;
  /** It has written its lease so recently that its own check passes. */
  fresh: boolean;
  lease: LeaseState;
  /** A write of the lease that has not been carried out yet. */
  writing: Extract<LeaseEffect, { kind: 'write' }> | undefined;
  memory: FleetMemory;
  /** What it has heard of whom. */
  heard: Readonly<Record<string, Saying>>;
  /** Of whom it has heard nothing, for how long by its clock of hearing. */
  unheardMs: Readonly<Record<string, number>>;
  /** The calls that are left of its tick. */
  calls: readonly Call[];
  /** The first of them is on its way. */
  waits: boolean;
}

/** A call that was signed and sent, and will be carried out late or never. */
interface LateCall {
  by: number;
  call: Call;
  /** It was signed 15 min ago, less the seconds between the decision and the call. */
  old: boolean;
}

/** The fleet, with all who are concerned with it. */
export interface FleetState {
  /** Images on the request queue that no worker holds. */
  images: number;
  instances: readonly Instance[];
  /** The object in the state bucket. */
  object: StoredLease | null;
  scalers: readonly Scaler[];
  late: readonly LateCall[];
  /**
   * How old launches are, by their tokens, in times that a launch is counted for (16.5 min): what no scaler knows.
   * Absent: new.
   */
  ages: Readonly<Record<string, number>>;
  /** No scaler will ever run again. */
  abandoned: boolean;
  wrong: string;
  faults: Readonly<Record<FleetFault, number>>;
}

/** A state with some of it changed. */
export const change = (state: FleetState, changes: Partial<FleetState>): FleetState => ({
  ...state,
  ...changes,
});

export function changeScaler(
  state: FleetState,
  index: number,
  changes: Partial<Scaler>,
): FleetState {
  const scalers = state.scalers.map((each, i) => (i === index ? { ...each, ...changes } : each));
  return change(state, { scalers });
}

export function changeInstance(
  state: FleetState,
  id: string,
  changes: Partial<Instance>,
): FleetState {
  const instances = state.instances.map((each) =>
    each.id === id ? { ...each, ...changes } : each,
  );
  return change(state, { instances });
}

/** The state with one fault fewer left; undefined where none is. */
export function spend(state: FleetState, fault: FleetFault): FleetState | undefined {
  const left = state.faults[fault];
  if (left === 0) return undefined;
  return change(state, { faults: { ...state.faults, [fault]: left - 1 } });
}

/** The list's items but one. */
export const without = <T>(list: readonly T[], index: number): T[] =>
  list.filter((_, i) => i !== index);

/** A record with an entry, its keys in one order. */
export const withEntry = <T>(record: Readonly<Record<string, T>>, key: string, value: T) =>
  Object.fromEntries(
    Object.entries({ ...record, [key]: value }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export const withoutEntry = <T>(record: Readonly<Record<string, T>>, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));

export const nameOf = (index: number): string => 'AB'[index] ?? '?';

/** The smallest number after this prefix that is not taken. */
export function freeName(prefix: string, taken: (name: string) => boolean): string {
  let number = 1;
  while (taken(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}
