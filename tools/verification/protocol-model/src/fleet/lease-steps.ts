import type { FleetMemory } from '@labelfleet/contracts';
import {
  EMPTY_MEMORY,
  leaseTimes,
  mayLead,
  STANDBY,
  stepLease,
  type LeaseEffect,
  type LeaseEvent,
} from '@labelfleet/scaler/protocol';
import { isDeepStrictEqual } from 'node:util';
import { freeName } from '../steps.ts';
import { scalersIn, type ActingScaler } from './acting-scaler.ts';
import {
  change,
  withIntents,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type Scaler,
} from './state.ts';

const TIMES = leaseTimes(10_000);
/** How long a leader leads after a write. */
const LEADS_MS = 9_000;

/** How long a launch is counted after a call without an answer: 30 s to the call, 15 min, 60 s to the listing. */
export const COUNTED_MS = 990_000;

/** The time by its own clock. */
export const thinksItMayAct = ({ lease, fresh }: Scaler): boolean =>
  mayLead(lease, fresh ? 0 : TIMES.expiresMs);

/** The leader renews the lease; a standby takes it when it is no longer renewed (F1). */
export function leaseSteps(steps: FleetSteps, bounds: FleetBounds): void {
  for (const acting of scalersIn(steps.state, bounds)) {
    const { scaler, name } = acting;
    if (!scaler.up) continue;
    if (scaler.lease.role === 'standby') {
      if (mayTake(acting)) steps.add(`${name} takes the lease`, takeLease(acting));
      continue;
    }
    renew(steps, acting);
    if (scaler.fresh)
      steps.fault('stops', `${name} stops for 10 s`, (spent) =>
        acting.become({ fresh: false }, spent),
      );
  }
}

/** True if the lease has expired because its leader is dead or stopped. */
function mayTake({ state, index, bounds }: ActingScaler): boolean {
  const { object } = state;
  const leader = scalersIn(state, bounds).find(({ name }) => name === object?.lease.leader);
  return leader === undefined || leader.index === index || !leader.leads || !leader.scaler.fresh;
}

function renew(steps: FleetSteps, acting: ActingScaler): void {
  const { state, scaler, name, index } = acting;
  const { memory, fresh, writing } = scaler;
  if (writing !== undefined) return;
  // A renewal is a step only if it has an effect: after a stop, or when it stores the outcomes of calls.
  if (fresh && isDeepStrictEqual(state.object?.lease.memory, memory)) return;
  const monotonicMs = fresh ? TIMES.renewEveryMs : TIMES.expiresMs;
  const { to } = settle(acting, { kind: 'due', memory }, { monotonicMs });
  const kept = to.scalers[index]?.lease.role === 'leader';
  steps.add(`${name} ${kept ? 'renews its lease' : 'finds its lease lost'}`, to);
}

function takeLease(acting: ActingScaler): FleetState {
  const { state, index, bounds } = acting;
  const look: LeaseEvent = { kind: 'read', object: state.object };
  const seen = stepLease(STANDBY, look, contextOf(acting, 0));
  // The lease of another is taken when it has not changed for a while.
  const waitedMs = seen.effect === undefined ? TIMES.expiresMs : 0;
  const { state: lease, effect } =
    waitedMs === 0 ? seen : stepLease(seen.state, look, contextOf(acting, waitedMs));
  if (effect?.kind !== 'write') throw new Error('an expired lease is not taken');
  const memory = inherited(acting, shifted(effect.lease.memory, waitedMs));
  const write = { ...effect, lease: { ...effect.lease, memory } };
  const writing = lease.writing && { ...lease.writing, lease: write.lease };
  const begun = acting.become({ lease: { ...lease, writing }, memory });
  const taken = carryOut(acting.in(begun), write).to;
  if (bounds.lateToNotice) return taken;
  const noticed = taken.scalers.map((each, i) =>
    i === index || each.lease.role === 'standby' ? each : { ...each, ...ENDED_TERM },
  );
  return change(taken, { scalers: noticed });
}

/** A memory whose launches are younger by this time, because the model has no steps for seconds. */
const shifted = (memory: FleetMemory, ms: number): FleetMemory =>
  withIntents(memory, ({ writtenAtMs, countedUntilMs }) => ({
    writtenAtMs: writtenAtMs + ms,
    countedUntilMs: countedUntilMs && countedUntilMs + ms,
  }));

/** The memory of a new leader when a rule is left out. */
function inherited({ state, bounds, now }: ActingScaler, memory: FleetMemory): FleetMemory {
  const { writtenAtMs = now } = state.object?.lease ?? {};
  const { without } = bounds;
  if (without === 'ownClock') return shifted(memory, writtenAtMs - now);
  if (without === 'countRefusedReplay')
    return withIntents(memory, () => ({ countedUntilMs: null }));
  if (without === 'ageGoesOn')
    return withIntents(memory, ({ countedUntilMs }) => ({
      writtenAtMs: now,
      countedUntilMs: countedUntilMs && now + COUNTED_MS,
    }));
  if (without !== 'sameToken') return memory;
  return withIntents(memory, ({ request }) => ({
    request: { ...request, clientToken: freeToken(state) },
  }));
}

/** A token that occurs nowhere in the state. */
export function freeToken(state: FleetState): string {
  const inUse = JSON.stringify(state);
  return freeName('t', (name) => inUse.includes(`"${name}"`));
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
  acting: ActingScaler,
  event: LeaseEvent,
  { monotonicMs = 0, fate = 'answered' }: { monotonicMs?: number; fate?: WriteFate } = {},
): Settled {
  const context = contextOf(acting, monotonicMs);
  const { state: lease, effect } = stepLease(acting.scaler.lease, event, context);
  const stepped = acting.in(acting.become({ lease }));
  if (effect?.kind === 'write') return carryOut(stepped, effect, fate);
  if (effect?.kind === 'read') return settle(stepped, look(stepped), { monotonicMs });
  return { to: tidy(stepped), written: false };
}

/** Starts a write that is delayed. */
export function beginWrite(acting: ActingScaler, memory: FleetMemory): FleetState {
  const event: LeaseEvent = { kind: 'write-memory', memory };
  const { state: lease, effect } = stepLease(acting.scaler.lease, event, contextOf(acting, 0));
  if (effect?.kind !== 'write') throw new Error('a leader does not write its memory');
  return acting.become({ lease, writing: effect, fresh: false });
}

export function carryOut(
  acting: ActingScaler,
  { onlyIf, lease }: Extract<LeaseEffect, { kind: 'write' }>,
  fate: WriteFate = 'answered',
): Settled {
  const { state, bounds, index } = acting;
  const { object } = state;
  const fits = onlyIf === 'absent' ? object === null : object?.etag === onlyIf.etag;
  const takes = fate !== 'lost' && (fits || bounds.without === 'onlyIfMatch');
  const etag = lease.nonce;
  const put = { etag, lease: { ...lease, seq: 0, memory: kept(lease.memory, bounds) } };
  const then = takes ? acting.in(change(state, { object: put })) : acting;
  const answered = takes && fate === 'answered';
  const { to } = settle(then, answered ? { kind: 'stored', etag } : { kind: 'unclear' });
  const after = to.scalers[index]?.lease;
  const written = after?.role === 'leader' && after.held.lease.nonce === etag;
  return { to: written ? acting.become({ fresh: true }, to) : to, written };
}

/** The part of the memory that the object stores. */
function kept(memory: FleetMemory, { without }: FleetBounds): FleetMemory {
  if (without === 'instructionInLease') return { ...memory, instructions: {} };
  if (without === 'terminateInLease') return { ...memory, terminates: {} };
  return memory;
}

function look({ state, scaler, bounds }: ActingScaler): LeaseEvent {
  const { object } = state;
  const own = scaler.lease.writing?.lease;
  const mine = object !== null && own !== undefined && object.lease.leader === own.leader;
  if (bounds.without !== 'nonce' || !mine) return { kind: 'read', object };
  return { kind: 'read', object: { ...object, lease: { ...object.lease, nonce: own.nonce } } };
}

function contextOf({ state, name, now }: ActingScaler, monotonicMs: number) {
  const inUse = new Set([
    state.object?.etag,
    ...state.scalers.flatMap(({ lease }) => [
      lease.writing?.lease.nonce,
      lease.writing?.base,
      ...(lease.role === 'leader' ? [lease.held.etag, lease.held.lease.nonce] : []),
    ]),
  ]);
  const nonce = freeName('n', (each) => inUse.has(each));
  const common = { leader: name, times: TIMES, emptyMemory: EMPTY_MEMORY };
  return { ...common, monotonicMs, unixMs: now, nonce };
}

/** Drops everything without further effect, so that equivalent states are equal. */
function tidy(acting: ActingScaler): FleetState {
  const { lease } = acting.scaler;
  if (lease.role === 'standby') return acting.become(ENDED_TERM);
  const held = { ...lease.held, lease: { ...lease.held.lease, seq: 0, memory: EMPTY_MEMORY } };
  return acting.become({ lease: { ...lease, held, confirmedAtMs: 0, leadsUntilMs: LEADS_MS } });
}

/** A new scaler. */
export const ENDED_TERM = {
  fresh: false,
  lease: STANDBY,
  writing: undefined,
  memory: EMPTY_MEMORY,
  heard: {},
  unheardMs: {},
  calls: [],
  waits: false,
} satisfies Partial<Scaler>;
