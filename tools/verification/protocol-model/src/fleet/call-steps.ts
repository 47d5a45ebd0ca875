import {
  instructionSet,
  instructionsDue,
  intend,
  launchAnswered,
  maySend,
  unansweredIntent,
  type LaunchAnswer,
} from '@labelfleet/scaler/protocol';
import type { FleetMemory } from '@labelfleet/contracts';
import type { Step } from '../explore.ts';
import { carryOutCall } from './ec2.ts';
import { isHolder, thinksItMayAct, unixMs } from './lease-steps.ts';
import { knowledgeOf } from './product.ts';
import {
  change,
  changeScaler,
  nameOf,
  spend,
  without as less,
  type Call,
  type FleetBounds,
  type FleetState,
  type Scaler,
} from './state.ts';

/** The calls that follow from the memory in the lease, in their order. */
export function callsOf(
  scaler: Scaler,
  memory: FleetMemory,
  decided: FleetMemory['terminates'],
  bounds: FleetBounds,
  index: number,
): Call[] {
  const { heartbeats } = knowledgeOf(scaler, unixMs(bounds, index));
  const remembered =
    bounds.without === 'neverResumeDecided' ? { ...memory, terminates: {} } : memory;
  const tags = instructionsDue(remembered, heartbeats)
    .filter(({ instruction }) => bounds.without !== 'tellAgain' || instruction.setAtMs === null)
    .map(({ instanceId, instruction: { kind, id } }): Call => ({
      kind: 'tag',
      instance: instanceId,
      instruction: { kind, id },
    }));
  const intent = unansweredIntent(memory)?.request;
  const launches: Call[] =
    intent === undefined
      ? []
      : [{ kind: 'launch', token: intent.clientToken, count: intent.count }];
  const terminates = bounds.without === 'replayTerminates' ? decided : memory.terminates;
  return [
    ...tags,
    ...launches,
    ...Object.entries(terminates).map(([instance, reason]): Call => ({
      kind: 'terminate',
      instance,
      drained: reason === 'drained',
    })),
  ];
}

/** The next call of each scaler, and the late calls. */
export function callSteps(state: FleetState, bounds: FleetBounds): Step<FleetState>[] {
  return [
    ...state.scalers.flatMap((scaler, index) => nextCall(state, scaler, index, bounds)),
    ...state.late.flatMap((_, index) => lateCall(state, index, bounds)),
  ];
}

function nextCall(
  state: FleetState,
  scaler: Scaler,
  index: number,
  bounds: FleetBounds,
): Step<FleetState>[] {
  const [call] = scaler.calls;
  if (!scaler.up || call === undefined || scaler.waits) return [];
  const name = nameOf(index);
  if (!thinksItMayAct(scaler)) {
    const to = changeScaler(state, index, { calls: [] });
    return [{ label: `${name} makes no call: its lease is too old`, to }];
  }
  if (bounds.without !== 'sendSoon' && isTooLate(scaler, call, unixMs(bounds, index))) {
    const to = changeScaler(state, index, { calls: scaler.calls.slice(1) });
    return [{ label: `${name} does not launch: it was decided too long ago`, to }];
  }
  const said = describe(call);
  const steps: Step<FleetState>[] = [];
  const make = (from: FleetState, room?: number, fault = false) => {
    const { to, answer, what } = carryOutCall(from, call, bounds, room);
    const then = answered(to, index, call, answer, bounds);
    steps.push({ label: `${name} ${said}: ${what}`, to: then, fault });
  };
  make(state);
  const onItsWay = (from: FleetState) =>
    change(from, { late: [...from.late, { by: index, call, old: false }] });
  const stopped = spend(state, 'stops');
  if (stopped !== undefined && scaler.fresh) {
    const to = changeScaler(onItsWay(stopped), index, { fresh: false, waits: true });
    steps.push({ label: `${name} stops; its call is delayed: ${said}`, to, fault: true });
  }
  const timedOut = spend(state, 'timeouts');
  if (timedOut !== undefined) {
    const unanswered: LaunchAnswer = { kind: 'unanswered' };
    const to = answered(onItsWay(timedOut), index, call, unanswered, bounds);
    steps.push({ label: `${name} ${said}: no answer`, to, fault: true });
  }
  if (call.kind === 'launch') {
    const refused = spend(state, 'refusals');
    if (refused !== undefined) make(refused, 0, true);
    const throttled = spend(state, 'throttles');
    if (throttled !== undefined) {
      const to = answered(throttled, index, call, { kind: 'try-later' }, bounds);
      steps.push({ label: `${name} ${said}: throttled`, to, fault: true });
    }
    const partial = call.count > 1 ? spend(state, 'partialLaunches') : undefined;
    if (partial !== undefined) make(partial, 1, true);
  }
  return steps;
}

function isTooLate({ memory }: Scaler, call: Call, now: number): boolean {
  const intent = memory.intents.find(
    ({ request }) => call.kind === 'launch' && request.clientToken === call.token,
  );
  return intent !== undefined && !maySend(intent, now);
}

/** The scaler processes the outcome of its first call. */
export function answered(
  state: FleetState,
  index: number,
  call: Call,
  answer: LaunchAnswer | undefined,
  bounds: FleetBounds,
): FleetState {
  const scaler = state.scalers[index];
  if (scaler === undefined) return state;
  const memory = noted(scaler.memory, call, answer, unixMs(bounds, index), bounds);
  return changeScaler(state, index, { memory, calls: scaler.calls.slice(1), waits: false });
}

function noted(
  memory: FleetMemory,
  call: Call,
  answer: LaunchAnswer | undefined,
  now: number,
  { without }: FleetBounds,
): FleetMemory {
  if (call.kind === 'tag' && answer === undefined)
    return instructionSet(memory, call.instance, now);
  if (call.kind !== 'launch' || answer === undefined) return memory;
  const { token, count } = call;
  if (without === 'keepIntent' && answer.kind === 'launched') {
    const intents = memory.intents.filter(({ request }) => request.clientToken !== token);
    return { ...memory, intents };
  }
  const known = memory.intents.some(({ request }) => request.clientToken === token);
  return launchAnswered(
    known ? memory : intend(memory, launchOf(token, count), now),
    token,
    answer,
    now,
  );
}

export const launchOf = (clientToken: string, count: number) => ({
  clientToken,
  count,
  launchTemplateId: 'lt',
  launchTemplateVersion: '1',
  market: 'on-demand' as const,
  tags: {},
});

function lateCall(state: FleetState, at: number, bounds: FleetBounds): Step<FleetState>[] {
  const late = state.late[at];
  if (late === undefined) return [];
  const { by, call } = late;
  const { to, answer, what } = carryOutCall(
    change(state, { late: less(state.late, at) }),
    call,
    bounds,
  );
  const then = isWaitingFor(to.scalers[by], call) ? answered(to, by, call, answer, bounds) : to;
  return [{ label: `late, by ${nameOf(by)}, ${describe(call)}: ${what}`, to: then }];
}

export const isWaitingFor = (scaler: Scaler | undefined, call: Call) =>
  scaler !== undefined && isHolder(scaler) && scaler.waits && scaler.calls[0] === call;

export function describe(call: Call): string {
  if (call.kind === 'launch')
    return `RunInstances ${call.token}${call.count > 1 ? ` x${call.count}` : ''}`;
  if (call.kind === 'terminate') return `TerminateInstances ${call.instance}`;
  return `CreateTags ${call.instance} ${call.instruction.kind} ${call.instruction.id}`;
}
