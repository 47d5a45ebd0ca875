import type { FleetInstance, LaunchRequest } from '@labelfleet/aws/fleet';
import { makeInstructionId, WORKER_TAGS, type Instruction } from '@labelfleet/contracts';
import type { FleetKnowledge } from './fleet-knowledge.ts';

/** What an instance was last told, and when the tag that tells it was last set; null: not yet. */
export type CurrentInstruction = Instruction & { setAtMs: number | null };

/** A launch that was decided on: counted against max until its instances can be seen (F2). */
export interface LaunchIntent {
  request: LaunchRequest;
  decidedAtMs: number;
  /** How many instances EC2 said it launched; null while it has not answered. */
  launched: number | null;
}

/**
 * What the scaler must not forget between deciding and seeing the effect. Plain data, changed only by the
 * functions of this file, each of them written down before the call that it announces (F2, F4, F6).
 */
export interface FleetMemory {
  /** The current instruction by instance id. */
  instructions: Readonly<Record<string, CurrentInstruction>>;
  intents: readonly LaunchIntent[];
  /** Ids of drained instances that are to be terminated, whatever happens. */
  terminates: readonly string[];
}

export const EMPTY_MEMORY: FleetMemory = { instructions: {}, intents: [], terminates: [] };

/** How long a launch is counted that Describe does not show. */
const INTENT_LIFETIME_MS = 5 * 60_000;

/** @param previousId the id of the newest instruction the instance is known to have had */
export function instruct(
  memory: FleetMemory,
  instanceId: string,
  kind: Instruction['kind'],
  previousId: string | undefined,
  now: number,
  nonce: string,
): FleetMemory {
  const id = makeInstructionId(memory.instructions[instanceId]?.id ?? previousId, now, nonce);
  const current: CurrentInstruction = { kind, id, setAtMs: null };
  return { ...memory, instructions: { ...memory.instructions, [instanceId]: current } };
}

/** The tag that tells an instance its instruction has been set. */
export function instructionSet(memory: FleetMemory, instanceId: string, now: number): FleetMemory {
  const current = memory.instructions[instanceId];
  if (current === undefined) return memory;
  const set = { ...current, setAtMs: now };
  return { ...memory, instructions: { ...memory.instructions, [instanceId]: set } };
}

/**
 * How soon an instruction is told again to a worker that reports another one: it reads its tags every 2 s
 * and reports every 3 s.
 */
const TELL_AGAIN_MS = 5000;

/** The instructions to set now: those never set, and those that their worker has not taken up (F5). */
export function instructionsDue(
  memory: FleetMemory,
  reports: FleetKnowledge['reports'],
): { instanceId: string; instruction: CurrentInstruction }[] {
  return Object.entries(memory.instructions)
    .filter(([instanceId, { id, setAtMs }]) => {
      if (memory.terminates.includes(instanceId)) return false;
      if (setAtMs === null) return true;
      const report = reports.get(instanceId);
      if (report === undefined || report.event.instructionId === id) return false;
      return report.receivedAtMs - setAtMs >= TELL_AGAIN_MS;
    })
    .map(([instanceId, instruction]) => ({ instanceId, instruction }));
}

/** From here on the instance is terminated, and is never called back (F6). */
export function decideTerminate(memory: FleetMemory, instanceId: string): FleetMemory {
  if (memory.terminates.includes(instanceId)) return memory;
  return { ...memory, terminates: [...memory.terminates, instanceId] };
}

export function intend(memory: FleetMemory, request: LaunchRequest, now: number): FleetMemory {
  const intent: LaunchIntent = { request, decidedAtMs: now, launched: null };
  return { ...memory, intents: [...memory.intents, intent] };
}

/** EC2 has answered a launch: `launched` instances, 0 where it refused. */
export function launchAnswered(memory: FleetMemory, token: string, launched: number): FleetMemory {
  return {
    ...memory,
    intents: memory.intents.map((intent) =>
      intent.request.clientToken === token ? { ...intent, launched } : intent,
    ),
  };
}

/** The oldest launch that EC2 has not answered: to be sent again, with the same token. */
export const unansweredIntent = (memory: FleetMemory): LaunchIntent | undefined =>
  memory.intents.find(({ launched }) => launched === null);

/** Instances asked for that this listing does not show. */
export function openLaunches(memory: FleetMemory, listed: readonly FleetInstance[]): number {
  return memory.intents.reduce((sum, intent) => sum + open(intent, listed), 0);
}

/** Forgets what a listing shows to be over: launches that can be seen or are too old, ended instances. */
export function reconcile(
  memory: FleetMemory,
  listed: readonly FleetInstance[],
  now: number,
): FleetMemory {
  const inStates = (...states: FleetInstance['state'][]) =>
    new Set(listed.filter(({ state }) => states.includes(state)).map((each) => each.instanceId));
  const alive = inStates('launching', 'running', 'stopping');
  const notYetStopping = inStates('launching', 'running');
  return {
    instructions: Object.fromEntries(
      Object.entries(memory.instructions).filter(([id]) => alive.has(id)),
    ),
    intents: memory.intents.filter(
      (intent) => open(intent, listed) > 0 && now - intent.decidedAtMs < INTENT_LIFETIME_MS,
    ),
    terminates: memory.terminates.filter((id) => notYetStopping.has(id)),
  };
}

/** Terminated instances count as seen: they were launched, and are gone. */
function open(intent: LaunchIntent, listed: readonly FleetInstance[]): number {
  const token = intent.request.clientToken;
  const seen = listed.filter(({ tags }) => tags[WORKER_TAGS.launch] === token).length;
  return Math.max(0, (intent.launched ?? intent.request.count) - seen);
}
