import type { FleetLease, FleetMemory } from '@labelfleet/contracts';
import { inherit } from '../memory/fleet-memory.ts';

export interface LeaseTimes {
  /** A lease written now is free when it has not changed for this long. */
  expiresMs: number;
  /** The leader writes the lease at least this often. */
  renewEveryMs: number;
  /** How often a standby reads the lease. */
  readEveryMs: number;
}

/** Two renewals can fail without the lease being lost. */
export const leaseTimes = (expiresMs: number): LeaseTimes => ({
  expiresMs,
  renewEveryMs: expiresMs * 0.3,
  readEveryMs: expiresMs * 0.1,
});

/**
 * While there is nothing to do, the lease is valid for six times as long, because its writes are most of what an idle
 * service costs. A scaler that dies meanwhile is replaced later.
 */
export const idleTimes = ({ expiresMs, readEveryMs }: LeaseTimes): LeaseTimes => ({
  ...leaseTimes(6 * expiresMs),
  readEveryMs,
});

/**
 * The leader stops acting before another scaler may take the lease, because the clocks of two machines never run
 * exactly alike.
 */
const SURE_SHARE = 0.9;

/** The lease object as it was read. */
export interface StoredLease {
  etag: string;
  lease: FleetLease;
}

/** A write whose outcome is not known yet. */
interface Writing {
  lease: FleetLease;
  /** The ETag that it replaces; null if there is no object. */
  base: string | null;
  sentAtMs: number;
}

interface Standby {
  role: 'standby';
  /** The ETag last read, and since when it has been unchanged. */
  seen: { etag: string; sinceMs: number } | undefined;
  writing: Writing | undefined;
}

interface Leader {
  role: 'leader';
  held: StoredLease;
  /** When the last write that took effect was sent. */
  confirmedAtMs: number;
  /** It may lead until then. A write that is valid for a shorter time counts from when it is sent. */
  leadsUntilMs: number;
  writing: Writing | undefined;
}

export type LeaseState = Standby | Leader;

export const STANDBY: LeaseState = { role: 'standby', seen: undefined, writing: undefined };

export type LeaseEvent =
  /** Sent periodically. `memory` is what a leader's renewal writes. */
  | { kind: 'due'; memory: FleetMemory }
  /** The leader wants this memory written before it acts on it. */
  | { kind: 'write-memory'; memory: FleetMemory }
  | { kind: 'give-up'; memory: FleetMemory }
  /** The lease was read; null if there is no object. */
  | { kind: 'read'; object: StoredLease | null }
  | { kind: 'read-failed' }
  | { kind: 'stored'; etag: string }
  /** The condition failed, no response came, or the response leaves the outcome open. */
  | { kind: 'unclear' };

/** The call to make next; its outcome is the next event. */
export type LeaseEffect =
  { kind: 'read' } | { kind: 'write'; onlyIf: 'absent' | { etag: string }; lease: FleetLease };

export interface LeaseContext {
  /** This scaler's name, unique to the process. */
  leader: string;
  times: LeaseTimes;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs: number;
  /** Milliseconds since the epoch. */
  unixMs: number;
  /** Unique to this step. */
  nonce: string;
  /** The memory of a lease that is created. */
  emptyMemory: FleetMemory;
}

export interface LeaseStep {
  state: LeaseState;
  effect?: LeaseEffect;
}

/**
 * True if this scaler may act as leader: it wrote the lease so recently that no other scaler can have taken it
 * (F1).
 */
export const mayLead = (state: LeaseState, monotonicMs: number): boolean =>
  state.role === 'leader' && monotonicMs < state.leadsUntilMs;

/**
 * One step of the lease (F1). The object decides whether a write took effect, not the response: after anything but
 * a clear success the writer reads the object back and compares the nonce.
 */
export function stepLease(state: LeaseState, event: LeaseEvent, context: LeaseContext): LeaseStep {
  switch (event.kind) {
    case 'due':
      return due(state, event.memory, context);
    case 'write-memory':
      return state.role === 'leader'
        ? write(state, state.held, event.memory, context.leader, context)
        : { state };
    case 'give-up':
      return state.role === 'leader'
        ? write(state, state.held, event.memory, null, context)
        : { state };
    case 'stored':
      return { state: stored(state, event.etag) };
    case 'unclear':
      return { state, effect: { kind: 'read' } };
    case 'read-failed':
      return { state: { ...state, writing: undefined } };
    case 'read':
      return state.writing === undefined
        ? watch(state, event.object, context)
        : { state: readBack(state, state.writing, event.object, context) };
  }
}

function due(state: LeaseState, memory: FleetMemory, context: LeaseContext): LeaseStep {
  if (state.role === 'standby') return { state, effect: { kind: 'read' } };
  const { monotonicMs, times, leader } = context;
  // The lease that is held may be valid for a shorter time than the next one.
  const { expiresMs = times.expiresMs } = state.held.lease;
  const renewEveryMs = Math.min(times.renewEveryMs, leaseTimes(expiresMs).renewEveryMs);
  return monotonicMs - state.confirmedAtMs < renewEveryMs
    ? { state }
    : write(state, state.held, memory, leader, context);
}

/**
 * A standby has read the lease. It is free if there is no object, if it was given up, or if it has not changed for as
 * long as it is valid.
 */
function watch(state: LeaseState, object: StoredLease | null, context: LeaseContext): LeaseStep {
  if (state.role === 'leader') return { state };
  const { monotonicMs, unixMs, times, leader, emptyMemory } = context;
  if (object === null) return write(state, null, emptyMemory, leader, context);
  const same = state.seen?.etag === object.etag;
  const seen = same && state.seen ? state.seen : { etag: object.etag, sinceMs: monotonicMs };
  const watching: LeaseState = { ...state, seen };
  const { expiresMs = times.expiresMs } = object.lease;
  const free = object.lease.leader === null || monotonicMs - seen.sinceMs >= expiresMs;
  if (!free) return { state: watching };
  const { memory, writtenAtMs } = object.lease;
  // The lease is at least as old as the time for which this scaler has seen it unchanged.
  const writtenAgoMs = monotonicMs - seen.sinceMs;
  const inherited = inherit(memory, { writtenAtMs, writtenAgoMs, now: unixMs });
  return write(watching, object, inherited, leader, context);
}

function write(
  state: LeaseState,
  base: StoredLease | null,
  memory: FleetMemory,
  leader: string | null,
  { nonce, monotonicMs, unixMs, times: { expiresMs } }: LeaseContext,
): LeaseStep {
  const seq = (base?.lease.seq ?? 0) + 1;
  const lease: FleetLease = { v: 1, leader, nonce, seq, writtenAtMs: unixMs, expiresMs, memory };
  const writing = { lease, base: base?.etag ?? null, sentAtMs: monotonicMs };
  // Whether or not this write takes effect, a standby may go by it.
  const leadsUntilMs = sureUntilMs(writing);
  return {
    state:
      state.role === 'leader'
        ? { ...state, writing, leadsUntilMs: Math.min(state.leadsUntilMs, leadsUntilMs) }
        : { ...state, writing },
    effect: { kind: 'write', onlyIf: base === null ? 'absent' : { etag: base.etag }, lease },
  };
}

/** A write has taken effect. It counts from when it was sent, because a standby may have read it from then on. */
function stored(state: LeaseState, etag: string): LeaseState {
  if (state.writing === undefined) return state;
  const { lease, sentAtMs } = state.writing;
  if (lease.leader === null) return STANDBY;
  return {
    role: 'leader',
    held: { etag, lease },
    confirmedAtMs: sentAtMs,
    leadsUntilMs: sureUntilMs(state.writing),
    writing: undefined,
  };
}

const sureUntilMs = ({ lease: { expiresMs = 0 }, sentAtMs }: Writing): number =>
  sentAtMs + expiresMs * SURE_SHARE;

function readBack(
  state: LeaseState,
  writing: Writing,
  object: StoredLease | null,
  { leader, monotonicMs }: LeaseContext,
): LeaseState {
  if (object !== null && object.lease.nonce === writing.lease.nonce)
    return stored(state, object.etag);
  const seen = object === null ? undefined : { etag: object.etag, sinceMs: monotonicMs };
  if (state.role === 'standby') {
    const same = state.seen !== undefined && state.seen.etag === seen?.etag;
    return { role: 'standby', seen: same ? state.seen : seen, writing: undefined };
  }
  // An earlier write of this scaler: no other scaler has the lease, and the next write starts from here. The memory
  // of that write was never acted on, so the memory held here remains valid.
  if (object?.lease.leader === leader) {
    const held = { etag: object.etag, lease: { ...state.held.lease, seq: object.lease.seq } };
    return { ...state, held, writing: undefined };
  }
  return { role: 'standby', seen, writing: undefined };
}
