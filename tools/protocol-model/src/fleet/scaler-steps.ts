import { isDeepStrictEqual } from 'node:util';
import { takeReceive, takeReport } from '@labelfleet/scaler/protocol';
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
import { eventOf, knowledgeOf, sayingOf } from './product.ts';
import {
  change,
  changeInstance,
  changeScaler,
  nameOf,
  spend,
  withEntry,
  withoutEntry,
  type FleetBounds,
  type FleetState,
  type Instance,
  type Saying,
  type Scaler,
} from './state.ts';

/** What each scaler may do next besides its lease and its calls, and what may befall it. */
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
      ...(isHolder(scaler)
        ? [
            ...state.instances.flatMap((each) => hearSteps(state, scaler, index, each, bounds)),
            ...silenceSteps(state, scaler, index, bounds),
            ...tickSteps(state, scaler, index, bounds),
          ]
        : []),
    ];
  });
}

function crashSteps(state: FleetState, scaler: Scaler, index: number): Step<FleetState>[] {
  // One that holds nothing has nothing to lose.
  const spent = scaler.lease.role === 'holder' ? spend(state, 'crashes') : undefined;
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
      : [{ label: 'the scalers are gone for good', to: all(gone), fault: true }]),
  ];
}

/** Observes, decides and writes down what is to be done; the calls are steps of their own. */
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
    if (isDeepStrictEqual(memory, scaler.memory)) {
      if (calls.length > 0) {
        steps.push({ label: `${name} goes on`, to: changeScaler(from, index, { calls }), fault });
      }
      return;
    }
    const write = (begun: FleetState, fate: WriteFate, label: string, isFault: boolean) => {
      const event = { kind: 'remember', memory } as const;
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
  if (misread !== undefined) tick(misread, 'misread', ', told of no images,');
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

/** The holder receives what a worker has to say, or has said before. */
function hearSteps(
  state: FleetState,
  scaler: Scaler,
  index: number,
  { id, state: lives, worker, late }: Instance,
  { without }: FleetBounds,
): Step<FleetState>[] {
  const steps: Step<FleetState>[] = [];
  const name = nameOf(index);
  const hear = (from: FleetState, saying: Saying, nth: 0 | 2) => {
    const event = eventOf(id, saying, nth);
    const { reports, heardAtMs, hearing } = takeReport(knowledgeOf(scaler, 0), event, 0);
    const taken = reports.get(id)?.event === event;
    const heard = taken ? withEntry(scaler.heard, id, saying) : scaler.heard;
    const unheard = hearing.heardMs - (heardAtMs.get(id) ?? 0);
    const unheardMs = unheard > 0 ? scaler.unheardMs : withoutEntry(scaler.unheardMs, id);
    return changeScaler(from, index, { heard, unheardMs });
  };
  const says = lives === 'running' && (worker.at === 'idle' || worker.at === 'busy');
  const saying = sayingOf(worker);
  const news = JSON.stringify(scaler.heard[id]) !== JSON.stringify(saying);
  if (says && (news || id in scaler.unheardMs) && (without !== 'repeatReports' || worker.unsaid)) {
    const said =
      without === 'repeatReports'
        ? changeInstance(state, id, { worker: { ...worker, unsaid: false } })
        : state;
    const under = saying.id === undefined ? '' : ` under ${saying.id}`;
    const busy = saying.busy ? ', busy' : '';
    const label = `${name} hears ${id}: ${saying.state}${busy}${under}`;
    steps.push({ label, to: hear(said, saying, 2) });
  }
  if (late !== undefined) {
    const label = `${name} hears late from ${id}: ${late.state}`;
    steps.push({ label, to: hear(changeInstance(state, id, { late: undefined }), late, 0) });
  }
  return steps;
}

/** Longer than any silence that is borne: a boot is given 225 s. */
const SILENCE_MS = 300_000;
const POLL_MS = 5000;

/**
 * Minutes pass. Whoever works has been heard in them, and has booted, as far as this scaler receives what is
 * said (F7).
 */
function silenceSteps(
  state: FleetState,
  scaler: Scaler,
  index: number,
  bounds: FleetBounds,
): Step<FleetState>[] {
  const steps: Step<FleetState>[] = [];
  const there = state.instances.filter(({ state: lives }) => lives === 'running');
  const silent = (from: FleetState, who: readonly Instance[], receives: boolean) => {
    const heardMs = heardIn(SILENCE_MS, receives || bounds.without === 'hearingClock');
    const ids = who.map(({ id }) => id);
    const unheardMs =
      heardMs === 0
        ? scaler.unheardMs
        : ids.reduce((all, id) => withEntry(all, id, heardMs), scaler.unheardMs);
    return changeScaler(from, index, { unheardMs });
  };
  const hung = there.filter(({ id, worker }) => worker.at === 'hung' && !(id in scaler.unheardMs));
  if (hung.length > 0) {
    const label = `minutes pass, and ${nameOf(index)} hears nothing of ${hung.map(({ id }) => id).join()}`;
    steps.push({ label, to: silent(state, hung, true) });
  }
  const heard = there.filter(({ id }) => id in scaler.heard && !(id in scaler.unheardMs));
  if (heard.length === 0) return steps;
  const deaf = spend(state, 'deafScalers');
  if (deaf !== undefined) {
    const label = `minutes pass in which ${nameOf(index)} cannot receive`;
    steps.push({ label, to: silent(deaf, heard, false), fault: true });
  }
  const other = state.scalers.some((each) => each.up && each !== scaler);
  if (bounds.without === 'standbyIsDeaf' && other) {
    const label = `minutes pass in which a standby takes what ${nameOf(index)} was to hear`;
    steps.push({ label, to: silent(state, heard, true) });
  }
  return steps;
}

/** How much of this time counts as silence. */
function heardIn(ms: number, receives: boolean): number {
  let hearing = takeReceive({ heardMs: 0, countedUntilMs: 0 }, { kind: 'emptied', endedAtMs: 0 });
  for (let endedAtMs = POLL_MS; endedAtMs <= ms; endedAtMs += POLL_MS) {
    hearing = takeReceive(hearing, { kind: receives ? 'emptied' : 'failed', endedAtMs });
  }
  return (
    takeReceive(hearing, { kind: 'emptied', endedAtMs: ms + POLL_MS }).heardMs -
    (receives ? POLL_MS : 0)
  );
}
