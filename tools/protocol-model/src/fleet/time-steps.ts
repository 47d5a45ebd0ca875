import type { FleetMemory } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import { answered, isWaitingFor } from './call-steps.ts';
import { unixMs } from './lease-steps.ts';
import { change, nameOf, type FleetBounds, type FleetState } from './state.ts';

const FIVE_MINUTES_MS = 5 * 60_000;
/** From the decision to the call, and from the launch to the listing that shows it. */
const LAGS_MS = 90_000;

/**
 * A signed call lives five minutes, and a launch is counted for the lags longer. The call is signed some seconds
 * after its launch was counted first.
 */
export function timeSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  if (bounds.minutesPass !== true) return [];
  const steps: Step<FleetState>[] = [];
  // No listing lags as long as that.
  const shown = state.instances.map((each) => ({ ...each, shown: true }));
  const young =
    state.late.some(({ old }) => !old) || ages(state, bounds).some((ms) => ms < FIVE_MINUTES_MS);
  if (young) {
    const late = state.late.map((each) => ({ ...each, old: true }));
    const to = aged(change(state, { late, instances: shown }), bounds, 0, FIVE_MINUTES_MS);
    steps.push({ label: '5 min pass', to });
  }
  const old =
    state.late.some((each) => each.old) || ages(state, bounds).some((ms) => ms === FIVE_MINUTES_MS);
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
    const total = FIVE_MINUTES_MS + LAGS_MS;
    const to = aged(left, bounds, FIVE_MINUTES_MS, total);
    steps.push({ label: 'and a minute: calls of then have expired', to });
  }
  return steps;
}

const ages = ({ scalers }: FleetState, bounds: FleetBounds): number[] =>
  scalers.flatMap(({ memory }, index) =>
    memory.intents.map(({ countedFromMs }) => unixMs(bounds, index) - countedFromMs),
  );

/** Every launch that has been counted for so long has been so for longer, in whatever memory it stands. */
function aged(state: FleetState, bounds: FleetBounds, fromMs: number, toMs: number): FleetState {
  const older = (memory: FleetMemory, now: number): FleetMemory => ({
    ...memory,
    intents: memory.intents.map((intent) => {
      const age = now - intent.countedFromMs;
      return age >= fromMs && age < toMs ? { ...intent, countedFromMs: now - toMs } : intent;
    }),
  });
  const { object } = state;
  const holder = state.scalers.findIndex((_, index) => nameOf(index) === object?.lease.holder);
  const aged = object && {
    ...object,
    lease: { ...object.lease, memory: older(object.lease.memory, unixMs(bounds, holder)) },
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
  return change(state, { object: aged, scalers });
}
