import { takeReceive, takeHeartbeat } from '@labelfleet/scaler/protocol';
import { scalersIn, type ActingScaler } from './acting-scaler.ts';
import { eventOf, knowledgeOf, sayingOf } from './product.ts';
import {
  changeInstance,
  withEntry,
  withoutEntry,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type Instance,
  type Saying,
} from './state.ts';

/** The heartbeats that each leader may receive or miss next (F5, F7). */
export function hearingSteps(steps: FleetSteps, bounds: FleetBounds): void {
  for (const acting of scalersIn(steps.state, bounds)) {
    if (!acting.leads) continue;
    for (const each of steps.state.instances) hearSteps(steps.of(acting.name), acting, each);
    silenceSteps(steps, acting);
  }
}

/** The leader receives a worker's current or earlier heartbeat. */
function hearSteps(steps: FleetSteps, acting: ActingScaler, instance: Instance): void {
  const { state, scaler, bounds } = acting;
  const { id, worker, late } = instance;
  const hear = (from: FleetState, saying: Saying, nth: 0 | 2) => {
    const event = eventOf(id, saying, nth);
    const { heartbeats, heardAtMs, listening } = takeHeartbeat(knowledgeOf(scaler, 0), event, 0);
    const taken = heartbeats.get(id)?.event === event;
    const heard = taken ? withEntry(scaler.heard, id, saying) : scaler.heard;
    const unheard = listening.heardMs - (heardAtMs.get(id) ?? 0);
    const unheardMs = unheard > 0 ? scaler.unheardMs : withoutEntry(scaler.unheardMs, id);
    return acting.become({ heard, unheardMs }, from);
  };
  const reportsOnce = bounds.without === 'repeatReports';
  const says = instance.state === 'running' && (worker.at === 'idle' || worker.at === 'busy');
  const saying = sayingOf(worker);
  const news = JSON.stringify(scaler.heard[id]) !== JSON.stringify(saying);
  if (says && (news || id in scaler.unheardMs) && (!reportsOnce || worker.unsaid)) {
    const said = { worker: { ...worker, unsaid: false } };
    const under = saying.id === undefined ? '' : ` under ${saying.id}`;
    const label = `receives from ${id}: ${saying.state}${saying.busy ? ', busy' : ''}${under}`;
    steps.add(label, hear(reportsOnce ? changeInstance(state, id, said) : state, saying, 2));
  }
  if (late !== undefined) {
    const to = hear(changeInstance(state, id, { late: undefined }), late, 0);
    steps.add(`receives late from ${id}: ${late.state}`, to);
  }
}

/** Longer than any tolerated silence: a boot has 225 s. */
const SILENCE_MS = 300_000;
const POLL_MS = 5000;

/**
 * Minutes pass. All working workers have booted and sent heartbeats in them, as far as this scaler receives (F7).
 */
function silenceSteps(steps: FleetSteps, acting: ActingScaler): void {
  const { state, scaler, name, bounds } = acting;
  const { heard, unheardMs: known } = scaler;
  const silent = (from: FleetState, who: readonly Instance[], receives: boolean) => {
    const heardMs = heardIn(SILENCE_MS, receives || bounds.without === 'hearingClock');
    const added = heardMs === 0 ? [] : who;
    const unheardMs = added.reduce((all, { id }) => withEntry(all, id, heardMs), known);
    return acting.become({ unheardMs }, from);
  };
  const there = state.instances.filter(
    ({ id, state: lives }) => lives === 'running' && !(id in known),
  );
  const hung = there.filter(({ worker }) => worker.at === 'hung');
  if (hung.length > 0) {
    const label = `minutes pass, and ${name} receives nothing from ${hung.map(({ id }) => id).join()}`;
    steps.add(label, silent(state, hung, true));
  }
  const talking = there.filter(({ id }) => id in heard);
  if (talking.length === 0) return;
  steps.fault('deafScalers', `minutes pass in which ${name} cannot receive`, (spent) =>
    silent(spent, talking, false),
  );
  const other = state.scalers.some((each) => each.up && each !== scaler);
  if (bounds.without === 'standbyIsDeaf' && other) {
    const label = `minutes pass in which a standby takes the heartbeats for ${name}`;
    steps.add(label, silent(state, talking, true));
  }
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
