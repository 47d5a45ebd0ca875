import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../explore.ts';
import { callsOf } from './call-steps.ts';
import {
  beginWrite,
  carryOut,
  ENDED_TERM,
  isHolder,
  settle,
  type WriteFate,
} from './lease-steps.ts';
import { inFlight, planTick } from './plan.ts';
import {
  change,
  changeScaler,
  nameOf,
  spend,
  type FleetBounds,
  type FleetState,
  type Scaler,
} from './state.ts';

/** The next ticks and faults of each scaler. Lease, calls and heartbeats are in other files. */
export function scalerSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  return state.scalers.flatMap((scaler, index) => {
    const name = nameOf(index);
    if (!scaler.up) {
      if (state.abandoned) return [];
      return [{ label: `${name} is started again`, to: changeScaler(state, index, { up: true }) }];
    }
    return [
      ...crashSteps(state, scaler, index),
      ...(scaler.writing === undefined
        ? []
        : [lateWrite(state, scaler, scaler.writing, index, bounds)]),
      ...(isHolder(scaler) ? tickSteps(state, scaler, index, bounds) : []),
    ];
  });
}

function crashSteps(state: FleetState, scaler: Scaler, index: number): Step<FleetState>[] {
  // A standby has no state that a crash could lose.
  const spent = scaler.lease.role === 'leader' ? spend(state, 'crashes') : undefined;
  const gone = spend(state, 'abandonments');
  const dead = (from: FleetState, at: number) => {
    return changeScaler(from, at, { ...ENDED_TERM, writing: undefined, up: false });
  };
  const all = (from: FleetState) =>
    from.scalers.reduce((then, _, at) => dead(then, at), change(from, { abandoned: true }));
  return [
    ...(spent === undefined
      ? []
      : [{ label: `${nameOf(index)} is killed`, to: dead(spent, index), fault: true }]),
    ...(gone === undefined
      ? []
      : [{ label: 'the scalers end and never return', to: all(gone), fault: true }]),
  ];
}

/** Observes, decides and writes the decisions into the lease; the calls are separate steps. */
function tickSteps(
  state: FleetState,
  scaler: Scaler,
  index: number,
  bounds: FleetBounds,
): Step<FleetState>[] {
  if (scaler.calls.length > 0 || scaler.writing !== undefined) return [];
  const name = nameOf(index);
  const steps: Step<FleetState>[] = [];
  const tick = (from: FleetState, depth: 'known' | 'misread', how: string) => {
    const fault = depth === 'misread';
    const { memory, calls, what } = planTick(from, index, depth, bounds);
    const old = memory.intents.find(({ request }) => (from.ages[request.clientToken] ?? 0) >= 2);
    if (old !== undefined) {
      const wrong = `${old.request.clientToken} is still counted 33 min after it was written down`;
      steps.push({ label: `${name} plans`, to: change(from, { wrong }) });
      return;
    }
    if (isDeepStrictEqual(memory, scaler.memory)) {
      if (calls.length > 0) {
        steps.push({ label: `${name} goes on`, to: changeScaler(from, index, { calls }), fault });
      }
      return;
    }
    const write = (begun: FleetState, fate: WriteFate, label: string, isFault: boolean) => {
      const event = { kind: 'write-memory', memory } as const;
      const { to, written } = settle(begun, index, event, bounds, { fate });
      const then = written ? changeScaler(to, index, { memory, calls }) : to;
      steps.push({ label: `${name}${how} ${label}${what}`, to: then, fault: isFault });
    };
    write(from, 'answered', 'writes down: ', fault);
    const lost = spend(from, 'writesLost');
    if (lost !== undefined) {
      write(lost, 'lost', 'writes, which is lost: ', true);
      write(lost, 'unanswered', 'writes, without an answer: ', true);
    }
    const stopped = scaler.fresh ? spend(from, 'stops') : undefined;
    const begun = stopped && beginWrite(stopped, index, memory, bounds);
    if (begun !== undefined) {
      steps.push({
        label: `${name}${how} stops before it writes: ${what}`,
        to: begun,
        fault: true,
      });
    }
  };
  tick(state, 'known', '');
  const misread = state.images + inFlight(state) > 0 ? spend(state, 'misreadDepths') : undefined;
  if (misread !== undefined) tick(misread, 'misread', ', which reads an empty backlog,');
  return steps;
}

function lateWrite(
  state: FleetState,
  scaler: Scaler,
  writing: NonNullable<Scaler['writing']>,
  index: number,
  bounds: FleetBounds,
): Step<FleetState> {
  const label = `${nameOf(index)}'s write arrives`;
  const begun = changeScaler(state, index, { writing: undefined });
  const { to, written } = carryOut(begun, index, writing, bounds);
  if (!written) return { label: `${label}: refused`, to };
  const { memory } = writing.lease;
  const calls = callsOf(scaler, memory, memory.terminates, bounds, index);
  return { label, to: changeScaler(to, index, { memory, calls }) };
}
