import type { FleetInstance, LaunchRequest } from '@labelfleet/aws/fleet';
import { WORKER_TAGS, type FleetMemory } from '@labelfleet/contracts';

/** A launch that was decided on. It is written into the lease before the call (F2). */
export type LaunchIntent = FleetMemory['intents'][number];

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

/** The intents without those that are listed or too old. An intent without a response for too long is not awaited. */
export const reconcileIntents = (
  intents: readonly LaunchIntent[],
  listed: readonly FleetInstance[],
  now: number,
): LaunchIntent[] =>
  intents
    .map((intent) => (isOverdue(intent, now) ? overdue(intent) : intent))
    .filter((intent) => open(intent, listed) > 0 && now < countedUntil(intent));

/**
 * The intent of a previous leader. A call of that leader may still be under way: an intent without a response is
 * sent again with the same token and counted for as long as that call can reach EC2 (F2).
 * @param moved moves a time to the clock of the new leader
 */
export function inheritIntent(found: LaunchIntent, moved: (ms: number) => number): LaunchIntent {
  const { writtenAtMs, sentAtMs, countedUntilMs } = found;
  const intent = {
    ...found,
    writtenAtMs: moved(writtenAtMs),
    sentAtMs: null,
    countedUntilMs: countedUntilMs === null ? null : moved(countedUntilMs),
  };
  return sentAtMs === null ? intent : { ...intent, ...unanswered(intent, moved(sentAtMs)) };
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
