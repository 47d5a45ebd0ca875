import type { FleetInstance, LaunchRequest } from '@labelfleet/aws/fleet';
import {
  makeInstructionId,
  WORKER_TAGS,
  type FleetMemory,
  type Instruction,
  type TerminateReason,
} from '@labelfleet/contracts';
import type { FleetKnowledge } from './fleet-knowledge.ts';

/*
 * The fleet's memory is plain data, changed only by the functions of this file, each change written down
 * before the call that it announces (F2, F4, F6).
 */
export type { FleetMemory } from '@labelfleet/contracts';

/** What an instance was last told. */
export type CurrentInstruction = FleetMemory['instructions'][string];

/** A launch that was decided on. */
export type LaunchIntent = FleetMemory['intents'][number];

export const EMPTY_MEMORY: FleetMemory = {
  instructions: {},
  intents: [],
  terminates: {},
  unlisted: {},
};

/**
 * The memory of another holder. A call it made may still be under way: launches without an answer are sent
 * again with the same token and counted from now, whatever comes of that (F2); instructions are
 * set again, since it is not known which of them were.
 */
export function inherit(memory: FleetMemory, now: number): FleetMemory {
  return {
    ...memory,
    instructions: mapValues(memory.instructions, (current) => ({ ...current, setAtMs: null })),
    intents: memory.intents.map((intent) => ({
      ...intent,
      countedFromMs: now,
      mayArrive: intent.mayArrive || !intent.refused,
    })),
    unlisted: {},
  };
}

/** How long a signed call may still reach EC2. */
const CALL_LIFETIME_MS = 5 * 60_000;

/** How soon after it was counted a launch has to be sent. A tick does not take as long, unless it was stopped. */
const SEND_WITHIN_MS = 30_000;

/** How long Describe may leave out an instance that has been launched. */
const UNSEEN_MS = 60_000;

/** How long a launch is counted that Describe does not show: until that proves that nothing will come of it. */
const INTENT_LIFETIME_MS = SEND_WITHIN_MS + CALL_LIFETIME_MS + UNSEEN_MS;

/** How long an instance is remembered that no listing shows. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

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
      if (instanceId in memory.terminates) return false;
      if (setAtMs === null) return true;
      const report = reports.get(instanceId);
      if (report === undefined || report.event.instructionId === id) return false;
      return report.receivedAtMs - setAtMs >= TELL_AGAIN_MS;
    })
    .map(([instanceId, instruction]) => ({ instanceId, instruction }));
}

/** From here on the instance is terminated, and is never called back (F6, F7). */
export function decideTerminate(
  memory: FleetMemory,
  instanceId: string,
  reason: TerminateReason = 'drained',
): FleetMemory {
  if (instanceId in memory.terminates) return memory;
  return { ...memory, terminates: { ...memory.terminates, [instanceId]: reason } };
}

export function intend(memory: FleetMemory, request: LaunchRequest, now: number): FleetMemory {
  const intent: LaunchIntent = {
    request,
    countedFromMs: now,
    launched: null,
    refused: false,
    mayArrive: false,
  };
  return { ...memory, intents: [...memory.intents, intent] };
}

/** A launch is sent again: it is counted for as long as this call lives. */
export const sendAgain = (memory: FleetMemory, token: string, now: number): FleetMemory =>
  changeIntent(memory, token, { countedFromMs: now });

/** Whether it may still be sent: later it would live longer than it is counted (F2). */
export const maySend = ({ countedFromMs }: LaunchIntent, now: number): boolean =>
  now - countedFromMs < SEND_WITHIN_MS;

/** What became of a call to launch; `unanswered`: it may still reach EC2. */
export type LaunchAnswer =
  { kind: 'launched'; instances: number } | { kind: 'refused' } | { kind: 'unanswered' };

export function launchAnswered(
  memory: FleetMemory,
  token: string,
  answer: LaunchAnswer,
): FleetMemory {
  if (answer.kind === 'launched')
    return changeIntent(memory, token, { launched: answer.instances });
  return changeIntent(
    memory,
    token,
    answer.kind === 'refused' ? { refused: true } : { mayArrive: true },
  );
}

function changeIntent(
  memory: FleetMemory,
  token: string,
  change: Partial<LaunchIntent>,
): FleetMemory {
  return {
    ...memory,
    intents: memory.intents.map((intent) =>
      intent.request.clientToken === token ? { ...intent, ...change } : intent,
    ),
  };
}

/** The oldest launch that EC2 has not answered: to be sent again, with the same token. */
export const unansweredIntent = (memory: FleetMemory): LaunchIntent | undefined =>
  memory.intents.find(({ launched, refused }) => launched === null && !refused);

/**
 * Instances asked for that this listing does not show: those to come, and those that were refused but may
 * come all the same, by an earlier call.
 */
export function openLaunches(
  memory: FleetMemory,
  listed: readonly FleetInstance[],
): { coming: number; refused: number } {
  const sum = (intents: readonly LaunchIntent[]) =>
    intents.reduce((total, intent) => total + open(intent, listed), 0);
  return {
    coming: sum(memory.intents.filter(({ refused }) => !refused)),
    refused: sum(memory.intents.filter(({ refused }) => refused)),
  };
}

/** Forgets what a listing shows to be over: launches that can be seen or are too old, ended instances. */
export function reconcile(
  memory: FleetMemory,
  listed: readonly FleetInstance[],
  now: number,
): FleetMemory {
  const states = new Map(listed.map(({ instanceId, state }) => [instanceId, state]));
  const ids = new Set([...Object.keys(memory.instructions), ...Object.keys(memory.terminates)]);
  const unlisted = Object.fromEntries(
    [...ids]
      .filter((id) => !states.has(id))
      .map((id) => [id, memory.unlisted[id] ?? now] as const)
      .filter(([, sinceMs]) => now - sinceMs < UNLISTED_LIFETIME_MS),
  );
  const there = (id: string, ...over: FleetInstance['state'][]) => {
    const state = states.get(id);
    return state === undefined ? id in unlisted : !over.includes(state);
  };
  return {
    instructions: filterKeys(memory.instructions, (id) => there(id, 'terminated')),
    intents: memory.intents.filter(
      (intent) => open(intent, listed) > 0 && now - intent.countedFromMs < INTENT_LIFETIME_MS,
    ),
    terminates: filterKeys(memory.terminates, (id) => there(id, 'stopping', 'terminated')),
    unlisted,
  };
}

/** Terminated instances count as seen: they were launched, and are gone. */
function open(intent: LaunchIntent, listed: readonly FleetInstance[]): number {
  const token = intent.request.clientToken;
  const seen = listed.filter(({ tags }) => tags[WORKER_TAGS.launch] === token).length;
  if (intent.refused && !intent.mayArrive) return 0;
  return Math.max(0, (intent.launched ?? intent.request.count) - seen);
}

const mapValues = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const filterKeys = <T>(record: Readonly<Record<string, T>>, keep: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
