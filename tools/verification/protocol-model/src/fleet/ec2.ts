import { WORKER_TAGS } from '@labelfleet/contracts';
import type { LaunchAnswer } from '@labelfleet/scaler/protocol';
import { freeName } from '../steps.ts';
import type { FleetRule } from './rules.ts';
import {
  change,
  changeInstance,
  newInstance,
  withEntry,
  type Call,
  type FleetBounds,
  type FleetState,
  type Instance,
} from './state.ts';

export interface Carried {
  to: FleetState;
  /** Only for a launch. */
  answer?: LaunchAnswer;
  what: string;
}

/** EC2's handling of a call. @param room the number of instances with capacity */
export function carryOutCall(
  state: FleetState,
  call: Call,
  { without }: FleetBounds,
  room = Infinity,
): Carried {
  switch (call.kind) {
    case 'launch':
      return launch(state, call, room);
    case 'tag':
      return tag(state, call, without);
    case 'terminate':
      return terminate(state, call);
  }
}

/** A token launches only once, even when it is sent several times. */
function launch(
  state: FleetState,
  { token, count }: Extract<Call, { kind: 'launch' }>,
  room: number,
): Carried {
  const there = state.instances.filter((each) => each.token === token);
  if (there.length > 0) {
    const gone = there.every((each) => each.state === 'terminated');
    const answer = { kind: 'launched', instances: gone ? 0 : there.length } as const;
    return { to: state, answer, what: gone ? 'gone' : 'nothing new' };
  }
  if (room === 0) return { to: state, answer: { kind: 'refused' }, what: 'no capacity' };
  const instances = [...state.instances];
  const launched: string[] = [];
  while (launched.length < Math.min(count, room)) {
    const id = freeName('i', (name) => instances.some((each) => each.id === name));
    instances.push(newInstance(id, token, { at: 'booting', state: 'working' }));
    launched.push(id);
  }
  return {
    to: change(state, { instances: instances.sort((a, b) => (a.id < b.id ? -1 : 1)) }),
    answer: { kind: 'launched', instances: launched.length },
    what: launched.join(' and '),
  };
}

function tag(
  state: FleetState,
  call: Extract<Call, { kind: 'tag' }>,
  without: FleetRule | undefined,
): Carried {
  const there = find(state, call.instance);
  if (there === undefined) return { to: state, what: 'not found' };
  const { kind, id } = call.instruction;
  // Instructions without unique ids would share one tag, which has the newest.
  const others = without === 'freshIds' ? {} : there.tags;
  const tags = withEntry(others, WORKER_TAGS[kind], id);
  return { to: changeInstance(state, there.id, { tags }), what: 'set' };
}

function terminate(state: FleetState, call: Extract<Call, { kind: 'terminate' }>): Carried {
  const there = find(state, call.instance);
  if (there === undefined || there.state === 'stopping') return { to: state, what: 'not running' };
  const { at, state: doing } = there.worker;
  const wrong = whyWrong(there, call.drained);
  // Its image is redelivered.
  const images = state.images + (at === 'busy' ? 1 : 0);
  const to = change(changeInstance(state, there.id, { state: 'stopping' }), { images, wrong });
  return { to, what: `(${at}, ${doing})` };
}

function whyWrong({ id, worker }: Instance, drained: boolean): string {
  if (worker.at === 'hung') return '';
  if (!drained) return `${id} was terminated as silent, and it reports`;
  return worker.at === 'busy' ? `${id} was terminated by scale-in while it was busy` : '';
}

const find = ({ instances }: FleetState, id: string) =>
  instances.find((each) => each.id === id && each.state !== 'terminated');
