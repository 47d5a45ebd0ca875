import { lateIntents } from '@labelfleet/scaler/protocol';
import { isDeepStrictEqual } from 'node:util';
import type { FleetMemory } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import { answered, isWaitingFor } from './call-steps.ts';
import { COUNTED_MS, isHolder, unixMs } from './lease-steps.ts';
import { planTick } from './plan.ts';
import { change, nameOf, type FleetBounds, type FleetState } from './state.ts';

const QUARTER_MS = 15 * 60_000;

/**
 * A signature is valid for 15 min, and a launch is counted for 90 s longer: for the times from the decision to the
 * call and from the launch to its listing. A call is signed seconds after its launch was first counted.
 */
export function timeSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  if (bounds.minutesPass !== true) return [];
  const steps: Step<FleetState>[] = [];
  // No listing lags that long.
  const shown = state.instances.map((each) => ({ ...each, shown: true }));
  const young =
    state.late.some(({ old }) => !old) || ages(state, bounds).some((ms) => ms < QUARTER_MS);
  if (young) {
    const late = state.late.map((each) => ({ ...each, old: true }));
    const wrong = isStuck(state, bounds) ? 'an image waits for 15 min, and nothing is sent' : '';
    const to = aged(change(state, { late, instances: shown, wrong }), bounds, 0, QUARTER_MS);
    steps.push({ label: '15 min pass', to });
  }
  const old =
    state.late.some((each) => each.old) || ages(state, bounds).some((ms) => ms === QUARTER_MS);
  if (old) {
    const over = (late: FleetState['late'][number]) => late.old && bounds.without !== 'oneTry';
    const waiting = state.late.filter(over).reduce((then, { by, call }) => {
      if (!isWaitingFor(then.scalers[by], call)) return then;
      return answered(then, by, call, { kind: 'unanswered' }, bounds);
    }, state);
    const left = change(waiting, {
      late: waiting.late.filter((each) => !over(each)),
      instances: shown,
    });
    const to = aged(left, bounds, QUARTER_MS, COUNTED_MS);
    steps.push({ label: 'another minute passes: earlier calls have expired', to });
  }
  return steps;
}

/** True if an image waits without a worker and the leader can only wait until a launch is no longer counted. */
function isStuck(state: FleetState, bounds: FleetBounds): boolean {
  const { images, instances, scalers } = state;
  if (images === 0 || instances.some((each) => each.state !== 'terminated' || !each.shown))
    return false;
  return scalers.some((scaler, index) => {
    const { fresh, calls, writing, memory } = scaler;
    if (!isHolder(scaler) || !fresh || calls.length > 0 || writing !== undefined) return false;
    if (lateIntents(memory).some(({ request }) => request.clientToken in state.ages)) return false;
    const plan = planTick(state, index, 'known', bounds);
    return plan.calls.length === 0 && isDeepStrictEqual(plan.memory, memory);
  });
}

type Intent = FleetMemory['intents'][number];

/** When a launch was stored, and when its last counted call was made. */
const timesOf = ({ writtenAtMs, sentAtMs, countedUntilMs }: Intent): number[] => [
  writtenAtMs,
  ...(sentAtMs === null ? [] : [sentAtMs]),
  ...(countedUntilMs === null ? [] : [countedUntilMs - COUNTED_MS]),
];

const ages = ({ scalers }: FleetState, bounds: FleetBounds): number[] =>
  scalers.flatMap(({ memory }, index) =>
    memory.intents.flatMap(timesOf).map((ms) => unixMs(bounds, index) - ms),
  );

/** Ages all launches that are counted for this time, in every memory. */
function aged(state: FleetState, bounds: FleetBounds, fromMs: number, toMs: number): FleetState {
  const older = (memory: FleetMemory, now: number): FleetMemory => ({
    ...memory,
    intents: memory.intents.map((intent) => {
      const { writtenAtMs, sentAtMs, countedUntilMs } = intent;
      const moved = (ms: number) => (now - ms >= fromMs && now - ms < toMs ? now - toMs : ms);
      return {
        ...intent,
        writtenAtMs: moved(writtenAtMs),
        sentAtMs: sentAtMs && moved(sentAtMs),
        countedUntilMs: countedUntilMs && moved(countedUntilMs - COUNTED_MS) + COUNTED_MS,
      };
    }),
  });
  const { object } = state;
  const leader = state.scalers.findIndex((_, index) => nameOf(index) === object?.lease.leader);
  const aged = object && {
    ...object,
    lease: { ...object.lease, memory: older(object.lease.memory, unixMs(bounds, leader)) },
  };
  const scalers = state.scalers.map((scaler, index) => {
    const now = unixMs(bounds, index);
    const { writing } = scaler;
    return {
      ...scaler,
      memory: older(scaler.memory, now),
      ...(writing && {
        writing: {
          ...writing,
          lease: { ...writing.lease, memory: older(writing.lease.memory, now) },
        },
      }),
    };
  });
  return change(state, { object: aged, scalers, ages: olderAges(state, fromMs === 0) });
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
