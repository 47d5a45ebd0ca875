import type { FleetMemory } from '@labelfleet/contracts';
import { lateIntents } from '@labelfleet/scaler/protocol';
import { isDeepStrictEqual } from 'node:util';
import { ActingScaler, scalersIn } from './acting-scaler.ts';
import { answered, isWaitingFor } from './call-steps.ts';
import { COUNTED_MS } from './lease-steps.ts';
import { planTick } from './plan.ts';
import {
  change,
  withIntents,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type LateCall,
} from './state.ts';

const QUARTER_MS = 15 * 60_000;

/**
 * A signature is valid for 15 min, and a launch is counted for 90 s longer: for the times from the decision to the
 * call and from the launch to its listing. A call is signed seconds after its launch was first counted.
 */
export function timeSteps(steps: FleetSteps, bounds: FleetBounds): void {
  if (!bounds.minutesPass) return;
  const { state } = steps;
  const ages = scalersIn(state, bounds).flatMap(agesOf);
  // No listing lags that long.
  const instances = state.instances.map((each) => ({ ...each, shown: true }));
  if (state.late.some(({ old }) => !old) || ages.some((ms) => ms < QUARTER_MS)) {
    const late = state.late.map((each) => ({ ...each, old: true }));
    const wrong = isStuck(state, bounds) ? 'an image waits for 15 min, and nothing is sent' : '';
    const passed = change(state, { late, instances, wrong });
    steps.add('15 min pass', aged(passed, bounds, 0, QUARTER_MS));
  }
  if (state.late.some(({ old }) => old) || ages.includes(QUARTER_MS)) {
    const isOver = ({ old }: LateCall) => old && bounds.without !== 'oneTry';
    const waiting = state.late.filter(isOver).reduce((then, { by, call }) => {
      const sender = new ActingScaler(then, by, bounds);
      return isWaitingFor(sender, call) ? answered(sender, call, { kind: 'unanswered' }) : then;
    }, state);
    const late = waiting.late.filter((each) => !isOver(each));
    const to = aged(change(waiting, { late, instances }), bounds, QUARTER_MS, COUNTED_MS);
    steps.add('another minute passes: earlier calls have expired', to);
  }
}

/** True if an image waits without a worker and the leader can only wait until a launch is no longer counted. */
function isStuck(state: FleetState, bounds: FleetBounds): boolean {
  const { images, instances, ages } = state;
  if (images === 0 || instances.some((each) => each.state !== 'terminated' || !each.shown))
    return false;
  return scalersIn(state, bounds).some((acting) => {
    const { fresh, calls, writing, memory } = acting.scaler;
    if (!acting.leads || !fresh || calls.length > 0 || writing !== undefined) return false;
    if (lateIntents(memory).some(({ request }) => request.clientToken in ages)) return false;
    const plan = planTick(acting, 'known');
    return plan.calls.length === 0 && isDeepStrictEqual(plan.memory, memory);
  });
}

/** How long ago the scaler's launches were stored, and their last counted calls made. */
const agesOf = ({ scaler, now }: ActingScaler): number[] =>
  scaler.memory.intents
    .flatMap(({ writtenAtMs, sentAtMs, countedUntilMs }) => [
      writtenAtMs,
      ...(sentAtMs === null ? [] : [sentAtMs]),
      ...(countedUntilMs === null ? [] : [countedUntilMs - COUNTED_MS]),
    ])
    .map((ms) => now - ms);

/** Ages all launches that are counted for this time, in every memory. */
function aged(state: FleetState, bounds: FleetBounds, fromMs: number, toMs: number): FleetState {
  const older = <Lease extends { memory: FleetMemory }>(lease: Lease, now: number): Lease => {
    const moved = (ms: number) => (now - ms >= fromMs && now - ms < toMs ? now - toMs : ms);
    const memory = withIntents(lease.memory, ({ writtenAtMs, sentAtMs, countedUntilMs }) => ({
      writtenAtMs: moved(writtenAtMs),
      sentAtMs: sentAtMs && moved(sentAtMs),
      countedUntilMs: countedUntilMs && moved(countedUntilMs - COUNTED_MS) + COUNTED_MS,
    }));
    return { ...lease, memory };
  };
  const acting = scalersIn(state, bounds);
  const { object } = state;
  const leader = acting.find(({ name }) => name === object?.lease.leader);
  const scalers = acting.map(({ scaler, now }) => {
    const { writing } = scaler;
    return {
      ...older(scaler, now),
      writing: writing && { ...writing, lease: older(writing.lease, now) },
    };
  });
  return change(state, {
    object: object && leader ? { ...object, lease: older(object.lease, leader.now) } : object,
    scalers,
    ages: olderAges(state, fromMs === 0),
  });
}

/** Each half of the time advances each age by half a step. */
function olderAges({ ages, object, scalers }: FleetState, first: boolean): FleetState['ages'] {
  const memories = [object?.lease.memory, ...scalers.map(({ memory }) => memory)];
  const tokens = memories.flatMap((memory) =>
    (memory?.intents ?? []).map(({ request }) => request.clientToken),
  );
  return Object.fromEntries(
    [...new Set(tokens)].sort().map((token) => {
      const age = ages[token] ?? 0;
      return [token, Number.isInteger(age) === first ? Math.min(2, age + 0.5) : age] as const;
    }),
  );
}
