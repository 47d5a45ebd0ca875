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
 * The fleet's memory is plain data, changed only by the functions of this file. Each change is written into the lease before the call that it announces (F2, F4, F6).
 */
export type { FleetMemory } from '@labelfleet/contracts';

/** The last instruction to an instance. */
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

/** Relates the clock of the scaler that wrote a lease to the clock of the one that takes it. */
interface Handover {
  /** When the lease was written, by the clock of its writer; undefined in a lease of an earlier version. */
  writtenAtMs: number | undefined;
  /** How long ago that was, at least, by the clock of the scaler that takes it. */
  writtenAgoMs: number;
  /** The present time by the clock of the scaler that takes it. */
  now: number;
}

/**
 * Moves the times in the previous leader's memory to the new leader's clock. Every timeout is reached, however
 * often the lease is taken over, and no age is more than the true one, however much the clocks differ. A call of
 * the previous leader may still be under way: launches without a response are sent again with the same token and
 * counted for as long as that call can reach EC2 (F2). Instructions are set again, because it is unknown which of
 * them were set.
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
      // An earlier version did not record which calls had a response.
      const isOpen = sentAtMs !== null || writtenAtMs === undefined;
      return isOpen ? { ...intent, ...unanswered(intent, moved(sentAtMs ?? now)) } : intent;
    }),
    unlisted: mapValues(memory.unlisted, moved),
    ...(memory.boots && { boots: movedBoots(memory.boots, moved) }),
    levels: memory.levels.map(({ neededAtMs, steadyAtMs, idleGaps }) => ({
      neededAtMs: moved(neededAtMs),
      steadyAtMs: steadyAtMs === null ? null : moved(steadyAtMs),
      idleGaps,
    })),
  };
}

type Boots = NonNullable<FleetMemory['boots']>;

const movedBoots = (boots: Boots, moved: (ms: number) => number): Boots => ({
  ...boots,
  open: mapValues(boots.open, (boot) => ({ ...boot, sinceMs: moved(boot.sinceMs) })),
  failed: boots.failed.map((boot) => ({ ...boot, atMs: moved(boot.atMs) })),
  good: boots.good.map((boot) => ({ ...boot, atMs: moved(boot.atMs) })),
});

/**
 * How long a signed call may still reach EC2: `RequestExpired` comes for one that is more than 15 min old (EC2 API
 * reference, "Error codes"; decision 0039).
 */
const CALL_LIFETIME_MS = 15 * 60_000;

/** A call must be made within this time of being written. A tick takes less, unless its process was suspended. */
const SEND_WITHIN_MS = 30_000;

/** How long DescribeInstances may omit a launched instance. */
const UNSEEN_MS = 60_000;

/** How long a launch without a response is counted: after that, no instance of it can appear any more. */
const COUNTED_MS = SEND_WITHIN_MS + CALL_LIFETIME_MS + UNSEEN_MS;

/**
 * How long a launch is awaited. While there is no response it is sent again; after this time other launches meet
 * the demand. It is also how long the instances of a successful launch are awaited.
 */
const AWAITED_MS = 390_000;

/** How long an instance is kept that no listing shows. */
const UNLISTED_LIFETIME_MS = 5 * 60_000;

/** @param previousId the id of the newest known instruction of the instance */
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

/** Records that the tag with the instruction has been set. */
export function instructionSet(memory: FleetMemory, instanceId: string, now: number): FleetMemory {
  const current = memory.instructions[instanceId];
  if (current === undefined) return memory;
  const set = { ...current, setAtMs: now };
  return { ...memory, instructions: { ...memory.instructions, [instanceId]: set } };
}

/**
 * How soon an instruction is set again if the worker's heartbeat names another one: a worker reads its tags every 2
 * s and sends a heartbeat every 3 s.
 */
const RESEND_INSTRUCTION_MS = 5000;

/** The instructions to set now: those never set, and those that their worker does not follow yet (F5). */
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

/** From here on the instance is being terminated and is never resumed (F6, F7). */
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

/** Sends a launch again. It is counted for as long as this call can reach EC2. */
export const sendAgain = (memory: FleetMemory, token: string, now: number): FleetMemory =>
  changeIntent(memory, token, () => ({ sentAtMs: now, refused: false }));

/** True if the launch may still be sent: a later call could reach EC2 after the launch is no longer counted (F2). */
export const maySend = ({ sentAtMs }: LaunchIntent, now: number): boolean =>
  sentAtMs !== null && now - sentAtMs < SEND_WITHIN_MS;

/**
 * The outcome of a launch call. `try-later`: it launched nothing, and the same call may succeed soon. `unanswered`:
 * it may still reach EC2. `launched` with no instances: EC2 knows the token, and its instances have ended.
 * `token-spent`: EC2 knows the token with other parameters. In the last two cases the token is not sent again.
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
      // EC2 does not say how many have ended. Some may still run, and DescribeInstances will show them.
      if (answer.instances === 0) return spent(intent, now + UNSEEN_MS);
      return { launched: answer.instances, countedUntilMs: now + AWAITED_MS };
    case 'refused':
      return { refused: true };
    case 'try-later':
      // While an earlier call may still reach EC2, only the same token can reveal its outcome.
      return { refused: intent.countedUntilMs === null };
    case 'token-spent':
      return spent(intent, Math.max(intent.countedUntilMs ?? 0, now + UNSEEN_MS));
    case 'unanswered':
      return unanswered(intent, intent.sentAtMs ?? now);
  }
}

/** It may have launched all that it asked for, but none is awaited. */
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

/** The oldest launch without a response from EC2, to be sent again with the same token. */
export const unansweredIntent = (memory: FleetMemory): LaunchIntent | undefined =>
  memory.intents.find(isUnanswered);

/** Launches that are no longer awaited, but of which an earlier call may still reach EC2. */
export const lateIntents = (memory: FleetMemory): LaunchIntent[] =>
  memory.intents.filter(
    ({ launched, refused, countedUntilMs }) =>
      launched === null && refused && countedUntilMs !== null,
  );

/**
 * The late launch to send again, with its token, when workers are wanted and late launches take the room of new
 * ones: EC2's response decides its outcome. The launch that is without a response for longest comes first. None is
 * sent after its first call has expired, so that each is forgotten in the end.
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
 * Launched instances that this listing does not show: `coming` are expected; `refused` were refused, but may still
 * appear because of an earlier call.
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
 * Removes what a listing shows to have ended: launches that are listed or too old, and ended instances. A launch
 * that is without a response for too long is no longer awaited.
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

/** Terminated instances count as listed, because they were launched. */
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
