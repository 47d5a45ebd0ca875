import type { FleetInstance, LaunchRequest } from '@labelfleet/aws/fleet';
import {
  makeInstructionId,
  WORKER_TAGS,
  type FleetMemory,
  type Instruction,
  type TerminateReason,
} from '@labelfleet/contracts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

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
  silentMs: {},
  levels: [],
};

/** How the clock of the scaler that wrote a lease relates to that of the one that takes it. */
interface Handover {
  /** When the lease was written, by the clock of its writer; undefined in a lease of an earlier version. */
  writtenAtMs: number | undefined;
  /** How long ago that was, at least. */
  writtenAgoMs: number;
  /** By the clock of the scaler that takes it. */
  now: number;
}

/**
 * The memory of another leader, with its times moved to the clock of the new one: whatever has an end comes to
 * it however often the lease is taken over, and no age is ever more than the true one, however much the clocks
 * of two machines differ. A call of the other leader may still be under way: launches without an answer are
 * sent again with the same token and counted for as long as that call may live (F2); instructions are set
 * again, since it is not known which of them were.
 */
export function inherit(memory: FleetMemory, handover: Handover): FleetMemory {
  const { writtenAtMs, writtenAgoMs, now } = handover;
  const moved = (ms: number) =>
    writtenAtMs === undefined ? now : ms + now - writtenAgoMs - writtenAtMs;
  return {
    ...memory,
    instructions: mapValues(memory.instructions, (current) => ({ ...current, setAtMs: null })),
    intents: memory.intents.map((found) => {
      const { sentAtMs, countedUntilMs } = found;
      const intent = {
        ...found,
        writtenAtMs: moved(found.writtenAtMs),
        sentAtMs: null,
        countedUntilMs: countedUntilMs === null ? null : moved(countedUntilMs),
      };
      // An earlier version did not say which of its calls were answered.
      const isOpen = sentAtMs !== null || writtenAtMs === undefined;
      return isOpen ? { ...intent, ...unanswered(intent, moved(sentAtMs ?? now)) } : intent;
    }),
    unlisted: mapValues(memory.unlisted, moved),
    levels: memory.levels.map(({ neededAtMs, steadyAtMs, idleGaps }) => ({
      neededAtMs: moved(neededAtMs),
      steadyAtMs: steadyAtMs === null ? null : moved(steadyAtMs),
      idleGaps,
    })),
  };
}

/**
 * How long a signed call may still reach EC2: `RequestExpired` comes for one that is more than 15 min old (EC2 API
 * reference, "Error codes"; decision 0039).
 */
const CALL_LIFETIME_MS = 15 * 60_000;

/** How soon after it was written down a call has to be made. A tick does not take as long, unless it was stopped. */
const SEND_WITHIN_MS = 30_000;

/** How long Describe may leave out an instance that has been launched. */
const UNSEEN_MS = 60_000;

/** How long a launch is counted whose call was not answered: until that proves that nothing will come of it. */
const COUNTED_MS = SEND_WITHIN_MS + CALL_LIFETIME_MS + UNSEEN_MS;

/**
 * How long a launch is waited for: while no answer comes it is sent again, and then the demand is met by other
 * launches; and how long the instances are awaited that EC2 said it launched.
 */
const AWAITED_MS = 390_000;

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
const RESEND_INSTRUCTION_MS = 5000;

/** The instructions to set now: those never set, and those that their worker has not taken up (F5). */
export function instructionsDue(
  memory: FleetMemory,
  heartbeats: FleetKnowledge['heartbeats'],
): { instanceId: string; instruction: CurrentInstruction }[] {
  return Object.entries(memory.instructions)
    .filter(([instanceId, { id, setAtMs }]) => {
      if (instanceId in memory.terminates) return false;
      if (setAtMs === null) return true;
      const report = heartbeats.get(instanceId);
      if (report === undefined || report.event.instructionId === id) return false;
      return report.receivedAtMs - setAtMs >= RESEND_INSTRUCTION_MS;
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
    writtenAtMs: now,
    sentAtMs: now,
    launched: null,
    refused: false,
    countedUntilMs: null,
  };
  return { ...memory, intents: [...memory.intents, intent] };
}

/** A launch is sent again: it is counted for as long as this call lives, too. */
export const sendAgain = (memory: FleetMemory, token: string, now: number): FleetMemory =>
  changeIntent(memory, token, () => ({ sentAtMs: now, refused: false }));

/** Whether it may still be sent: later it would live longer than it is counted (F2). */
export const maySend = ({ sentAtMs }: LaunchIntent, now: number): boolean =>
  sentAtMs !== null && now - sentAtMs < SEND_WITHIN_MS;

/**
 * What became of a call to launch. `try-later`: it launched nothing, and the same call may be taken in a moment;
 * `unanswered`: it may still reach EC2. `launched` with no instances: EC2 knows the token, and what it launched
 * has ended. `token-spent`: EC2 knows the token with other parameters. Neither token is sent again.
 */
export type LaunchAnswer =
  | { kind: 'launched'; instances: number }
  | { kind: 'refused' }
  | { kind: 'try-later' }
  | { kind: 'token-spent' }
  | { kind: 'unanswered' };

export function launchAnswered(
  memory: FleetMemory,
  token: string,
  answer: LaunchAnswer,
  now: number,
): FleetMemory {
  return changeIntent(memory, token, (intent) => ({
    ...answeredBy(answer, intent, now),
    sentAtMs: null,
  }));
}

function answeredBy(
  answer: LaunchAnswer,
  intent: LaunchIntent,
  now: number,
): Partial<LaunchIntent> {
  switch (answer.kind) {
    case 'launched':
      // How many there were of those that have ended is not said, and some may live: Describe will show them.
      if (answer.instances === 0) return spent(intent, now + UNSEEN_MS);
      return { launched: answer.instances, countedUntilMs: now + AWAITED_MS };
    case 'refused':
      return { refused: true };
    case 'try-later':
      // While an earlier call may still come, only the same token can tell what became of that.
      return { refused: intent.countedUntilMs === null };
    case 'token-spent':
      return spent(intent, Math.max(intent.countedUntilMs ?? 0, now + UNSEEN_MS));
    case 'unanswered':
      return unanswered(intent, intent.sentAtMs ?? now);
  }
}

/** It may have launched as many as it asked for, and none of them is awaited. */
const spent = ({ request }: LaunchIntent, countedUntilMs: number) => ({
  launched: request.count,
  refused: true,
  countedUntilMs,
});

const unanswered = ({ countedUntilMs }: LaunchIntent, calledAtMs: number) => ({
  countedUntilMs: Math.max(countedUntilMs ?? 0, calledAtMs + COUNTED_MS),
});

function changeIntent(
  memory: FleetMemory,
  token: string,
  change: (intent: LaunchIntent) => Partial<LaunchIntent>,
): FleetMemory {
  return {
    ...memory,
    intents: memory.intents.map((intent) =>
      intent.request.clientToken === token ? { ...intent, ...change(intent) } : intent,
    ),
  };
}

/** The oldest launch that EC2 has not answered: to be sent again, with the same token. */
export const unansweredIntent = (memory: FleetMemory): LaunchIntent | undefined =>
  memory.intents.find(isUnanswered);

/** Launches that are not waited for any more, and of which an earlier call may still come through. */
export const lateIntents = (memory: FleetMemory): LaunchIntent[] =>
  memory.intents.filter(
    ({ launched, refused, countedUntilMs }) =>
      launched === null && refused && countedUntilMs !== null,
  );

/**
 * The launch to send again, with its token, where workers are wanted and launches that may still come leave no
 * room for others: what EC2 answers settles it. The one comes first that has been without an answer for longest.
 * None is sent for longer than its first call could live, so that each of them is forgotten in the end.
 */
export const lateIntentToSend = (
  memory: FleetMemory,
  maySendIn: (place: LaunchRequest) => boolean,
  now: number,
): LaunchIntent | undefined =>
  lateIntents(memory)
    .toSorted((a, b) => countedUntil(a) - countedUntil(b))
    .find(({ request, writtenAtMs }) => now - writtenAtMs < COUNTED_MS && maySendIn(request));

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

/**
 * Forgets what a listing shows to be over: launches that can be seen or are too old, ended instances. What has been
 * sent for too long without an answer is not waited for any more.
 */
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
  const isPresent = (id: string, ...over: FleetInstance['state'][]) => {
    const state = states.get(id);
    return state === undefined ? id in unlisted : !over.includes(state);
  };
  return {
    instructions: filterKeys(memory.instructions, (id) => isPresent(id, 'terminated')),
    intents: memory.intents
      .map((intent) => (isOverdue(intent, now) ? overdue(intent) : intent))
      .filter((intent) => open(intent, listed) > 0 && now < countedUntil(intent)),
    terminates: filterKeys(memory.terminates, (id) => isPresent(id, 'stopping', 'terminated')),
    unlisted,
    silentMs: memory.silentMs,
    levels: memory.levels,
  };
}

const isUnanswered = ({ launched, refused }: LaunchIntent) => launched === null && !refused;

const isOverdue = (intent: LaunchIntent, now: number) =>
  isUnanswered(intent) && now - intent.writtenAtMs >= AWAITED_MS;

const overdue = (intent: LaunchIntent): LaunchIntent => ({
  ...intent,
  refused: true,
  sentAtMs: null,
  countedUntilMs: countedUntil(intent),
});

const countedUntil = ({ sentAtMs, countedUntilMs }: LaunchIntent) =>
  Math.max(countedUntilMs ?? 0, sentAtMs === null ? 0 : sentAtMs + COUNTED_MS);

/** Terminated instances count as seen: they were launched, and are gone. */
function open(intent: LaunchIntent, listed: readonly FleetInstance[]): number {
  const token = intent.request.clientToken;
  const seen = listed.filter(({ tags }) => tags[WORKER_TAGS.launch] === token).length;
  if (intent.refused && intent.countedUntilMs === null) return 0;
  return Math.max(0, (intent.launched ?? intent.request.count) - seen);
}

const mapValues = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const filterKeys = <T>(record: Readonly<Record<string, T>>, keep: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
