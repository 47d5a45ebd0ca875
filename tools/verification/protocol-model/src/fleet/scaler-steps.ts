import { isDeepStrictEqual } from 'node:util';
import { spend } from '../steps.ts';
import { scalersIn, type ActingScaler } from './acting-scaler.ts';
import { callsOf } from './call-steps.ts';
import { beginWrite, carryOut, ENDED_TERM, settle, type WriteFate } from './lease-steps.ts';
import { inFlight, planTick } from './plan.ts';
import {
  change,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type Scaler,
} from './state.ts';

/** The next ticks and faults of each scaler. Lease, calls and heartbeats are in other files. */
export function scalerSteps(steps: FleetSteps, bounds: FleetBounds): void {
  for (const acting of scalersIn(steps.state, bounds)) {
    const { up, writing } = acting.scaler;
    if (!up) {
      if (!steps.state.abandoned)
        steps.add(`${acting.name} is started again`, acting.become({ up: true }));
      continue;
    }
    crashSteps(steps, acting);
    if (writing !== undefined) lateWrite(steps, acting, writing);
    if (acting.leads) tickSteps(steps, acting);
  }
}

function crashSteps(steps: FleetSteps, acting: ActingScaler): void {
  const dead = { ...ENDED_TERM, up: false };
  // A standby has no state that a crash could lose.
  if (acting.leads)
    steps.fault('crashes', `${acting.name} is killed`, (spent) => acting.become(dead, spent));
  steps.fault('abandonments', 'the scalers end and never return', (spent) => {
    const scalers = spent.scalers.map((each) => ({ ...each, ...dead }));
    return change(spent, { scalers, abandoned: true });
  });
}

function tickSteps(steps: FleetSteps, acting: ActingScaler): void {
  const { state, scaler } = acting;
  if (scaler.calls.length > 0 || scaler.writing !== undefined) return;
  tick(steps, acting, 'known');
  const misread = state.images + inFlight(state) > 0 ? spend(state, 'misreadDepths') : undefined;
  if (misread !== undefined) tick(steps.from(misread), acting.in(misread), 'misread');
}

/** Observes, decides and writes the decisions into the lease; the calls are separate steps. */
function tick(steps: FleetSteps, acting: ActingScaler, depth: 'known' | 'misread'): void {
  const { state, scaler } = acting;
  const fault = depth === 'misread';
  const { memory, calls, what } = planTick(acting, depth);
  const old = memory.intents.find(({ request }) => (state.ages[request.clientToken] ?? 0) >= 2);
  if (old !== undefined) {
    const wrong = `${old.request.clientToken} is still counted 33 min after it was written down`;
    steps.add(`${acting.name} plans`, change(state, { wrong }));
    return;
  }
  if (isDeepStrictEqual(memory, scaler.memory)) {
    if (calls.length > 0) steps.add(`${acting.name} goes on`, acting.become({ calls }), fault);
    return;
  }
  const name = `${acting.name}${fault ? ', which reads an empty backlog,' : ''}`;
  const write = (from: FleetState, fate: WriteFate) => {
    const { to, written } = settle(acting.in(from), { kind: 'write-memory', memory }, { fate });
    return written ? acting.become({ memory, calls }, to) : to;
  };
  steps.add(`${name} writes down: ${what}`, write(state, 'answered'), fault);
  steps.fault('writesLost', `${name} writes, which is lost: ${what}`, (spent) =>
    write(spent, 'lost'),
  );
  steps.fault('writesLost', `${name} writes, without an answer: ${what}`, (spent) =>
    write(spent, 'unanswered'),
  );
  if (scaler.fresh)
    steps.fault('stops', `${name} stops before it writes: ${what}`, (spent) =>
      beginWrite(acting.in(spent), memory),
    );
}

function lateWrite(
  steps: FleetSteps,
  acting: ActingScaler,
  writing: NonNullable<Scaler['writing']>,
): void {
  const label = `${acting.name}'s write arrives`;
  const { to, written } = carryOut(acting.in(acting.become({ writing: undefined })), writing);
  if (!written) {
    steps.add(`${label}: refused`, to);
    return;
  }
  const { memory } = writing.lease;
  const calls = callsOf(acting, memory, memory.terminates);
  steps.add(label, acting.become({ memory, calls }, to));
}
