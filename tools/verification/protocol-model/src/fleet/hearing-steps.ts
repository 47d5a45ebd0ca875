import { takeReceive, takeHeartbeat } from '@labelfleet/scaler/protocol';
import type { Step } from '../explore.ts';
import { isHolder } from './lease-steps.ts';
import { eventOf, knowledgeOf, sayingOf } from './product.ts';
import {
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

/** The heartbeats that each leader may receive or miss next (F5, F7). */
export function hearingSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  return state.scalers.flatMap((scaler, index) => {
    if (!isHolder(scaler)) return [];
    return [
      ...state.instances.flatMap((each) => hearSteps(state, scaler, index, each, bounds)),
      ...silenceSteps(state, scaler, index, bounds),
    ];
  });
}

/** The leader receives a worker's current or earlier heartbeat. */
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
    const { heartbeats, heardAtMs, listening } = takeHeartbeat(knowledgeOf(scaler, 0), event, 0);
    const taken = heartbeats.get(id)?.event === event;
    const heard = taken ? withEntry(scaler.heard, id, saying) : scaler.heard;
    const unheard = listening.heardMs - (heardAtMs.get(id) ?? 0);
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
    const label = `${name} receives from ${id}: ${saying.state}${busy}${under}`;
    steps.push({ label, to: hear(said, saying, 2) });
  }
  if (late !== undefined) {
    const label = `${name} receives late from ${id}: ${late.state}`;
    steps.push({ label, to: hear(changeInstance(state, id, { late: undefined }), late, 0) });
  }
  return steps;
}

/** Longer than any tolerated silence: a boot has 225 s. */
const SILENCE_MS = 300_000;
const POLL_MS = 5000;

/**
 * Minutes pass. All working workers have booted and sent heartbeats in them, as far as this scaler receives (F7).
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
    const label = `minutes pass, and ${nameOf(index)} receives nothing from ${hung.map(({ id }) => id).join()}`;
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
    const label = `minutes pass in which a standby takes the heartbeats for ${nameOf(index)}`;
    steps.push({ label, to: silent(state, heard, true) });
  }
  return steps;
}

/** The part of this time that counts as silence. */
function heardIn(ms: number, receives: boolean): number {
  let listening = takeReceive({ heardMs: 0, countedUntilMs: 0 }, { kind: 'emptied', endedAtMs: 0 });
  for (let endedAtMs = POLL_MS; endedAtMs <= ms; endedAtMs += POLL_MS) {
    listening = takeReceive(listening, { kind: receives ? 'emptied' : 'failed', endedAtMs });
  }
  return (
    takeReceive(listening, { kind: 'emptied', endedAtMs: ms + POLL_MS }).heardMs -
    (receives ? POLL_MS : 0)
  );
}
