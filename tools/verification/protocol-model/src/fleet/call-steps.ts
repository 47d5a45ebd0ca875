import type { FleetMemory } from '@labelfleet/contracts';
import {
  instructionSet,
  instructionsDue,
  intend,
  launchAnswered,
  maySend,
  unansweredIntent,
  type LaunchAnswer,
} from '@labelfleet/scaler/protocol';
import { spend } from '../steps.ts';
import { ActingScaler, scalersIn } from './acting-scaler.ts';
import { carryOutCall } from './ec2.ts';
import { thinksItMayAct } from './lease-steps.ts';
import { knowledgeOf } from './product.ts';
import {
  change,
  type Call,
  type FleetBounds,
  type FleetState,
  type FleetSteps,
  type LateCall,
} from './state.ts';

/** The calls that follow from the memory in the lease, in their order. */
export function callsOf(
  { scaler, bounds, now }: ActingScaler,
  memory: FleetMemory,
  decided: FleetMemory['terminates'],
): Call[] {
  const { without } = bounds;
  const remembered = without === 'neverResumeDecided' ? { ...memory, terminates: {} } : memory;
  const tags = instructionsDue(remembered, knowledgeOf(scaler, now).heartbeats)
    .filter(({ instruction }) => without !== 'tellAgain' || instruction.setAtMs === null)
    .map(({ instanceId: instance, instruction: { kind, id } }): Call => {
      return { kind: 'tag', instance, instruction: { kind, id } };
    });
  const intent = unansweredIntent(memory)?.request;
  const terminates = without === 'replayTerminates' ? decided : memory.terminates;
  return [
    ...tags,
    ...(intent
      ? [{ kind: 'launch', token: intent.clientToken, count: intent.count } as const]
      : []),
    ...Object.entries(terminates).map(([instance, reason]): Call => {
      return { kind: 'terminate', instance, drained: reason === 'drained' };
    }),
  ];
}

/** The next call of each scaler, and the late calls. */
export function callSteps(steps: FleetSteps, bounds: FleetBounds): void {
  for (const acting of scalersIn(steps.state, bounds)) nextCall(steps.of(acting.name), acting);
  steps.state.late.forEach((late, at) => {
    lateCall(steps, late, at, bounds);
  });
}

function nextCall(steps: FleetSteps, acting: ActingScaler): void {
  const { state, scaler, bounds } = acting;
  const [call, ...rest] = scaler.calls;
  if (!scaler.up || call === undefined || scaler.waits) return;
  if (!thinksItMayAct(scaler)) {
    steps.add('makes no call: its lease is too old', acting.become({ calls: [] }));
    return;
  }
  if (bounds.without !== 'sendSoon' && isTooLate(acting, call)) {
    steps.add('does not launch: it was decided too long ago', acting.become({ calls: rest }));
    return;
  }
  const said = describe(call);
  const make = (from: FleetState | undefined, room?: number) => {
    if (from === undefined) return;
    const { to, answer, what } = carryOutCall(from, call, bounds, room);
    steps.add(`${said}: ${what}`, answered(acting.in(to), call, answer), room !== undefined);
  };
  make(state);
  const onItsWay = (from: FleetState) =>
    change(from, { late: [...from.late, { by: acting.index, call, old: false }] });
  if (scaler.fresh)
    steps.fault('stops', `stops; its call is delayed: ${said}`, (spent) =>
      acting.become({ fresh: false, waits: true }, onItsWay(spent)),
    );
  steps.fault('timeouts', `${said}: no answer`, (spent) =>
    answered(acting.in(onItsWay(spent)), call, { kind: 'unanswered' }),
  );
  if (call.kind !== 'launch') return;
  make(spend(state, 'refusals'), 0);
  steps.fault('throttles', `${said}: throttled`, (spent) =>
    answered(acting.in(spent), call, { kind: 'try-later' }),
  );
  if (call.count > 1) make(spend(state, 'partialLaunches'), 1);
}

function isTooLate({ scaler, now }: ActingScaler, call: Call): boolean {
  const intent = scaler.memory.intents.find(
    ({ request }) => call.kind === 'launch' && request.clientToken === call.token,
  );
  return intent !== undefined && !maySend(intent, now);
}

/** The scaler processes the outcome of its first call. */
export function answered(
  acting: ActingScaler,
  call: Call,
  answer: LaunchAnswer | undefined,
): FleetState {
  const calls = acting.scaler.calls.slice(1);
  return acting.become({ memory: noted(acting, call, answer), calls, waits: false });
}

function noted(
  { scaler: { memory }, now, bounds }: ActingScaler,
  call: Call,
  answer: LaunchAnswer | undefined,
): FleetMemory {
  if (call.kind === 'tag' && answer === undefined)
    return instructionSet(memory, call.instance, now);
  if (call.kind !== 'launch' || answer === undefined) return memory;
  const { token, count } = call;
  const others = memory.intents.filter(({ request }) => request.clientToken !== token);
  if (bounds.without === 'keepIntent' && answer.kind === 'launched')
    return { ...memory, intents: others };
  const isKnown = others.length < memory.intents.length;
  const intended = isKnown ? memory : intend(memory, launchOf(token, count), now);
  return launchAnswered(intended, token, answer, now);
}

export const launchOf = (clientToken: string, count: number) => ({
  clientToken,
  count,
  launchTemplateId: 'lt',
  launchTemplateVersion: '1',
  tags: {},
  market: 'on-demand' as const,
});

function lateCall(
  steps: FleetSteps,
  { by, call }: LateCall,
  at: number,
  bounds: FleetBounds,
): void {
  const arrived = change(steps.state, { late: steps.state.late.toSpliced(at, 1) });
  const { to, answer, what } = carryOutCall(arrived, call, bounds);
  const sender = new ActingScaler(to, by, bounds);
  const then = isWaitingFor(sender, call) ? answered(sender, call, answer) : to;
  steps.add(`late, by ${sender.name}, ${describe(call)}: ${what}`, then);
}

export const isWaitingFor = ({ leads, scaler }: ActingScaler, call: Call): boolean =>
  leads && scaler.waits && scaler.calls[0] === call;

export function describe(call: Call): string {
  if (call.kind === 'launch')
    return `RunInstances ${call.token}${call.count > 1 ? ` x${call.count}` : ''}`;
  if (call.kind === 'terminate') return `TerminateInstances ${call.instance}`;
  return `CreateTags ${call.instance} ${call.instruction.kind} ${call.instruction.id}`;
}
