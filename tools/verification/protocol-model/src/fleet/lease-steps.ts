import {
  EMPTY_MEMORY,
  leaseTimes,
  mayLead,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
} from '@labelfleet/scaler/protocol';
import { isDeepStrictEqual } from 'node:util';
import type { FleetMemory } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import {
  change,
  changeScaler,
  freeName,
  nameOf,
  spend,
  type FleetBounds,
  type FleetState,
  type Scaler,
} from './state.ts';

const TIMES = leaseTimes(10_000);

const START_MS = 10_000_000;

/** How long a launch is counted after a call without an answer: 30 s to the call, 15 min, 60 s to the listing. */
export const COUNTED_MS = 990_000;

/** A scaler's wall clock, which does not advance: effects of time are separate steps. */
export const unixMs = ({ clockAheadMs = 0 }: FleetBounds, index: number): number =>
  START_MS + (index === 0 ? clockAheadMs : 0);

export const isHolder = ({ up, lease }: Scaler): boolean => up && lease.role === 'leader';

/** The time by its own clock. */
export const thinksItMayAct = ({ lease, fresh }: Scaler): boolean =>
  mayLead(lease, fresh ? 0 : TIMES.expiresMs, TIMES);

/** The leader renews the lease; a standby takes it when it is no longer renewed (F1). */
export function leaseSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  return state.scalers.flatMap((scaler, index) => {
    const name = nameOf(index);
    if (!scaler.up) return [];
    if (scaler.lease.role === 'standby') {
      return mayTake(state, index)
        ? [{ label: `${name} takes the lease`, to: takeLease(state, index, bounds) }]
        : [];
    }
    const steps: Step<FleetState>[] = [];
    const renewed = renew(state, index, bounds);
    if (renewed !== undefined) steps.push(renewed);
    const spent = scaler.fresh ? spend(state, 'stops') : undefined;
    if (spent !== undefined) {
      const to = changeScaler(spent, index, { fresh: false });
      steps.push({ label: `${name} stops for 10 s`, to, fault: true });
    }
    return steps;
  });
}

/** True if the lease has expired because its leader is dead or stopped. */
function mayTake(state: FleetState, index: number): boolean {
  if (state.object === null) return true;
  const leader = state.scalers.findIndex((_, i) => nameOf(i) === state.object?.lease.leader);
  const there = state.scalers[leader];
  return leader === index || there === undefined || !isHolder(there) || !there.fresh;
}

function renew(
  state: FleetState,
  index: number,
  bounds: FleetBounds,
): Step<FleetState> | undefined {
  const scaler = state.scalers[index];
  if (scaler === undefined || scaler.writing !== undefined) return undefined;
  // A renewal is a step only if it has an effect: after a stop, or when it stores the outcomes of calls.
  if (scaler.fresh && isDeepStrictEqual(state.object?.lease.memory, scaler.memory))
    return undefined;
  const monotonicMs = scaler.fresh ? TIMES.renewEveryMs : TIMES.expiresMs;
  const { to } = settle(state, index, { kind: 'due', memory: scaler.memory }, bounds, {
    monotonicMs,
  });
  const kept = to.scalers[index]?.lease.role === 'leader';
  return { label: `${nameOf(index)} ${kept ? 'renews its lease' : 'finds its lease lost'}`, to };
}

function takeLease(state: FleetState, index: number, bounds: FleetBounds): FleetState {
  const { object } = state;
  const context = contextOf(state, index, bounds);
  const look: LeaseEvent = { kind: 'read', object };
  const seen = stepLease(STANDBY, look, context);
  const monotonicMs = TIMES.expiresMs;
  const { state: lease, effect } =
    seen.effect === undefined ? stepLease(seen.state, look, { ...context, monotonicMs }) : seen;
  if (effect?.kind !== 'write') throw new Error('an expired lease is not taken');
  const stoodMs = seen.effect === undefined ? monotonicMs : 0;
  const memory = inherited(
    state,
    shifted(effect.lease.memory, stoodMs),
    unixMs(bounds, index),
    bounds,
  );
  const write = { ...effect, lease: { ...effect.lease, memory } };
  const writing = lease.writing && { ...lease.writing, lease: write.lease };
  const begun = changeScaler(state, index, { lease: { ...lease, writing }, memory });
  const taken = carryOut(begun, index, write, bounds).to;
  if (bounds.lateToNotice === true) return taken;
  return change(taken, {
    scalers: taken.scalers.map((each, i) => (i === index ? each : deposed(each))),
  });
}

const deposed = (scaler: Scaler): Scaler =>
  scaler.lease.role === 'leader' ? { ...scaler, ...ENDED_TERM, writing: undefined } : scaler;

/** A memory whose launches are younger by this time, because the model has no steps for seconds. */
function shifted(memory: FleetMemory, ms: number): FleetMemory {
  const intents = memory.intents.map((intent) => ({
    ...intent,
    writtenAtMs: intent.writtenAtMs + ms,
    countedUntilMs: intent.countedUntilMs && intent.countedUntilMs + ms,
  }));
  return { ...memory, intents };
}

/** The memory of a new leader when a rule is left out. */
function inherited(
  state: FleetState,
  memory: FleetMemory,
  now: number,
  { without }: FleetBounds,
): FleetMemory {
  const { writtenAtMs = now } = state.object?.lease ?? {};
  if (without === 'ownClock') return shifted(memory, writtenAtMs - now);
  const intents = memory.intents.map((intent) => {
    if (without === 'countRefusedReplay') return { ...intent, countedUntilMs: null };
    if (without === 'ageGoesOn')
      return {
        ...intent,
        writtenAtMs: now,
        countedUntilMs: intent.countedUntilMs && now + COUNTED_MS,
      };
    if (without !== 'sameToken') return intent;
    const clientToken = freeName('t', (name) => JSON.stringify(state).includes(`"${name}"`));
    return { ...intent, request: { ...intent.request, clientToken } };
  });
  return { ...memory, intents };
}

/** The fate of a write of the lease: an `unanswered` one takes effect, a `lost` one does not. */
export type WriteFate = 'answered' | 'unanswered' | 'lost';

interface Settled {
  to: FleetState;
  /** True if the write took effect, as far as the writer knows. */
  written: boolean;
}

/** Applies an event of the lease and all effects that follow. */
export function settle(
  state: FleetState,
  index: number,
  event: LeaseEvent,
  bounds: FleetBounds,
  { monotonicMs = 0, fate = 'answered' }: { monotonicMs?: number; fate?: WriteFate } = {},
): Settled {
  const before = state.scalers[index]?.lease ?? STANDBY;
  const { state: lease, effect } = stepLease(before, event, {
    ...contextOf(state, index, bounds),
    monotonicMs,
  });
  const stepped = changeScaler(state, index, { lease });
  if (effect?.kind === 'write') return carryOut(stepped, index, effect, bounds, fate);
  if (effect?.kind === 'read') {
    return settle(stepped, index, look(stepped, lease, bounds), bounds, { monotonicMs });
  }
  return { to: tidy(stepped, index), written: false };
}

/** Starts a write that is delayed. */
export function beginWrite(
  state: FleetState,
  index: number,
  memory: FleetMemory,
  bounds: FleetBounds,
) {
  const before = state.scalers[index]?.lease ?? STANDBY;
  const event: LeaseEvent = { kind: 'write-memory', memory };
  const { state: lease, effect } = stepLease(before, event, contextOf(state, index, bounds));
  if (effect?.kind !== 'write') return undefined;
  return changeScaler(state, index, { lease, writing: effect, fresh: false });
}

export function carryOut(
  state: FleetState,
  index: number,
  write: Extract<LeaseEffect, { kind: 'write' }>,
  bounds: FleetBounds,
  fate: WriteFate = 'answered',
): Settled {
  const { onlyIf, lease } = write;
  const { object } = state;
  const fits = onlyIf === 'absent' ? object === null : object?.etag === onlyIf.etag;
  const takes = fate !== 'lost' && (fits || bounds.without === 'onlyIfMatch');
  const put = {
    etag: lease.nonce,
    lease: { ...lease, seq: 0, memory: kept(lease.memory, bounds) },
  };
  const then = takes ? change(state, { object: put }) : state;
  const answer: LeaseEvent =
    takes && fate === 'answered' ? { kind: 'stored', etag: put.etag } : { kind: 'unclear' };
  const { to } = settle(then, index, answer, bounds);
  const after = to.scalers[index]?.lease;
  const written = after?.role === 'leader' && after.held.lease.nonce === lease.nonce;
  return { to: written ? changeScaler(to, index, { fresh: true }) : to, written };
}

/** The part of the memory that the object stores. */
function kept(memory: FleetMemory, { without }: FleetBounds): FleetMemory {
  if (without === 'instructionInLease') return { ...memory, instructions: {} };
  if (without === 'terminateInLease') return { ...memory, terminates: {} };
  return memory;
}

function look({ object }: FleetState, lease: LeaseState, { without }: FleetBounds): LeaseEvent {
  const own = lease.writing?.lease;
  const mine = object !== null && own !== undefined && object.lease.leader === own.leader;
  if (without !== 'nonce' || !mine) return { kind: 'read', object };
  return { kind: 'read', object: { ...object, lease: { ...object.lease, nonce: own.nonce } } };
}

function contextOf(state: FleetState, index: number, bounds: FleetBounds) {
  const inUse = new Set([
    state.object?.etag,
    ...state.scalers.flatMap(({ lease }) => [
      lease.writing?.lease.nonce,
      lease.writing?.base,
      ...(lease.role === 'leader' ? [lease.held.etag, lease.held.lease.nonce] : []),
    ]),
  ]);
  return {
    leader: nameOf(index),
    times: TIMES,
    monotonicMs: 0,
    unixMs: unixMs(bounds, index),
    nonce: freeName('n', (name) => inUse.has(name)),
    emptyMemory: EMPTY_MEMORY,
  };
}

/** Drops everything without further effect, so that equivalent states are equal. */
function tidy(state: FleetState, index: number): FleetState {
  const lease = state.scalers[index]?.lease;
  if (lease?.role !== 'leader') return changeScaler(state, index, ENDED_TERM);
  const held = { ...lease.held, lease: { ...lease.held.lease, seq: 0, memory: EMPTY_MEMORY } };
  return changeScaler(state, index, { lease: { ...lease, held, confirmedAtMs: 0 } });
}

/** A new scaler. */
export const ENDED_TERM = {
  fresh: false,
  lease: STANDBY,
  memory: EMPTY_MEMORY,
  heard: {},
  unheardMs: {},
  calls: [],
  waits: false,
} satisfies Partial<Scaler>;
