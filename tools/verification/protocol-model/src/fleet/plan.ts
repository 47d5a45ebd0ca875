import { newestInstruction, type FleetMemory } from '@labelfleet/contracts';
import {
  intend,
  lateIntentToSend,
  planInstructions,
  sendAgain,
  unansweredIntent,
  interpret,
  type FleetKnowledge,
} from '@labelfleet/scaler/protocol';
import { decide, initialMemory, type FleetView, type Observation } from '@labelfleet/scaling';
import type { ActingScaler } from './acting-scaler.ts';
import { callsOf, describe, launchOf } from './call-steps.ts';
import { freeToken } from './lease-steps.ts';
import { knowledgeOf, listingOf } from './product.ts';
import {
  withoutEntry,
  type Call,
  type FleetBounds,
  type FleetState,
  type Scaler,
} from './state.ts';

export interface Plan {
  /** The memory to store in the lease before any call. */
  memory: FleetMemory;
  calls: Call[];
  /** A description. */
  what: string;
}

/** A tick of the product up to the write of the lease. */
export function planTick(acting: ActingScaler, depth: 'known' | 'misread'): Plan {
  const { state, scaler, now, bounds } = acting;
  const { without, maxWorkers, releasesBoots } = bounds;
  const none = { visible: 0, inFlight: 0, delayed: 0 };
  const value =
    depth === 'known' ? { ...none, visible: state.images, inFlight: inFlight(state) } : none;
  const before = believed(state, scaler.memory, bounds);
  const { observation, fleetMemory, knowledge } = interpret(
    { backlog: { kind: 'known', value }, listed: { kind: 'known', value: listingOf(state) } },
    misled(knowledgeOf(listening(scaler, bounds), now), before, bounds),
    before,
    // A scaler that has listened since the launch treats an instance without a heartbeat as a boot.
    releasesBoots ? 0 : now,
    now,
  );
  const settings = {
    policy: releasesBoots ? 'deadline' : 'per-message',
    minWorkers: 0,
    maxWorkers,
    imagesPerWorker: 1,
    targetWaitSeconds: 1,
    idleBeforeReleaseSeconds: releasesBoots ? 0 : undefined,
  } as const;
  const decideOn = (seen: Observation) => decide(seen, initialMemory, settings, now);
  const { decision: decided, withoutRoom } = decideOn(observation);
  const decision = { ...decided };
  if (without === 'countDraining' || without === 'countIntents')
    decision.launch = decideOn(uncounted(observation, without)).decision.launch;
  if (without === 'noDrainTimeout')
    decision.terminate = [...decision.terminate, ...draining(observation)];
  const { heartbeats } = knowledge;
  const planned = planInstructions(decision, fleetMemory, heartbeats, now, () => acting.name);
  const instructed = restored(renamed(planned, fleetMemory, bounds), scaler.memory, bounds);
  const lateOnes = without === 'sendLateAgain' ? 0 : withoutRoom;
  const launched = withLaunch(acting, instructed, decision.launch, lateOnes);
  const calls = callsOf(acting, launched, newIn(launched, scaler.memory));
  // Without the rule the decision is only in the memory of the scaler that makes the call.
  const memory =
    without === 'intentFirst' ? { ...launched, intents: fleetMemory.intents } : launched;
  return { memory, calls, what: calls.map(describe).join(', ') || 'no calls' };
}

export const inFlight = ({ instances }: FleetState): number =>
  instances.filter(({ state, worker }) => state === 'running' && worker.at === 'busy').length;

/** The silent workers. */
function listening(scaler: Scaler, { without }: FleetBounds): Scaler {
  const ids = Object.keys(scaler.unheardMs).filter((id) =>
    id in scaler.heard ? without === 'replaceSilent' : without === 'replaceNeverReported',
  );
  return { ...scaler, unheardMs: ids.reduce(withoutEntry, scaler.unheardMs) };
}

/** The memory that decisions use. */
function believed(state: FleetState, memory: FleetMemory, { without }: FleetBounds): FleetMemory {
  if (without === 'neverResumeDecided') return { ...memory, terminates: {} };
  if (without !== 'tagsDecideNothing') return memory;
  const instructions = { ...memory.instructions };
  for (const { id, shown, shownTags } of state.instances) {
    const instruction = newestInstruction(shownTags);
    if (shown && instruction !== undefined) instructions[id] = { ...instruction, setAtMs: 0 };
  }
  return { ...memory, instructions };
}

function misled(
  knowledge: FleetKnowledge,
  { instructions }: FleetMemory,
  { without }: FleetBounds,
): FleetKnowledge {
  if (without !== 'currentIdOnly') return knowledge;
  const heartbeats = new Map(
    [...knowledge.heartbeats].map(([id, { event, receivedAtMs }]) => {
      const instructionId = event.instructionId && (instructions[id]?.id ?? event.instructionId);
      return [id, { event: { ...event, instructionId }, receivedAtMs }];
    }),
  );
  return { ...knowledge, heartbeats };
}

function uncounted(
  observation: Observation,
  without: 'countDraining' | 'countIntents',
): Observation {
  if (observation.fleet.kind === 'unknown') return observation;
  const { workers, ...rest } = observation.fleet.value;
  const ends = new Set(['draining', 'drained', 'leaving']);
  const value: FleetView =
    without === 'countDraining'
      ? { ...rest, workers: workers.filter(({ state }) => !ends.has(state)) }
      : { workers, openLaunches: 0 };
  return { ...observation, fleet: { kind: 'known', value } };
}

const draining = ({ fleet }: Observation): string[] =>
  fleet.kind === 'unknown'
    ? []
    : fleet.value.workers.filter(({ state }) => state === 'draining').map(({ id }) => id);

/** The ids when their rules are left out. */
function renamed(memory: FleetMemory, before: FleetMemory, { without }: FleetBounds): FleetMemory {
  if (without !== 'freshIds' && without !== 'growingIds') return memory;
  const instructions = Object.entries(memory.instructions).map(([id, current]) => {
    if (current === before.instructions[id]) return [id, current] as const;
    const name = without === 'freshIds' ? `1-${current.kind}` : `0-${current.id}`;
    return [id, { ...current, id: name }] as const;
  });
  return { ...memory, instructions: Object.fromEntries(instructions) };
}

/** Adds the decisions to terminate that were hidden before. */
function restored(memory: FleetMemory, before: FleetMemory, { without }: FleetBounds): FleetMemory {
  if (without !== 'neverResumeDecided') return memory;
  return { ...memory, terminates: { ...before.terminates, ...memory.terminates } };
}

/** One RunInstances per tick: first a launch without an answer, last one that is no longer waited for. */
function withLaunch(
  { state, now }: ActingScaler,
  memory: FleetMemory,
  launch: number,
  withoutRoom: number,
): FleetMemory {
  const unanswered = unansweredIntent(memory);
  if (unanswered === undefined && launch > 0)
    return intend(memory, launchOf(freeToken(state), launch), now);
  const late = withoutRoom > 0 ? lateIntentToSend(memory, () => true, now) : undefined;
  const again = unanswered ?? late;
  return again === undefined ? memory : sendAgain(memory, again.request.clientToken, now);
}

const newIn = (memory: FleetMemory, before: FleetMemory): FleetMemory['terminates'] =>
  Object.fromEntries(
    Object.entries(memory.terminates).filter(([id]) => !(id in before.terminates)),
  );
