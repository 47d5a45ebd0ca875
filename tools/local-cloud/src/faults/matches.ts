import { accessKeyOf } from './caller.ts';
import type { Fault } from './fault.ts';

/** What a fault may be limited to. An occasion may have several of a kind, as a call on two instances. */
export type Facts = Readonly<Partial<Record<FactName, readonly string[]>>>;

type FactName =
  | 'queue'
  | 'bucket'
  | 'key'
  | 'instance'
  | 'caller'
  | 'message'
  | 'body'
  | 'clientToken'
  | 'image'
  | 'instanceType'
  | 'subnet'
  | 'zone'
  | 'market';

/** Where a fault may strike: a call, or what happens to a message or an instance because of one. */
export interface Occasion {
  /** The API action, as `sqs:SendMessage`. */
  readonly action: string;
  readonly facts: Facts;
}

/** Tells whether a fault is meant for an occasion: its action, and one of its facts for each that is limited. */
export function matcherOf(fault: Fault): (occasion: Occasion) => boolean {
  const actions = 'action' in fault ? fault.action.map(toRegExp) : undefined;
  const limits = Object.entries(fault.match).map(([name, pattern]) => ({
    name: name as FactName,
    // Who limits a fault to an instance as caller need not know its keys.
    pattern: toRegExp(
      name === 'caller' && /^i-[0-9a-f]{17}$/.test(pattern) ? accessKeyOf(pattern) : pattern,
    ),
  }));
  return ({ action, facts }) =>
    (actions === undefined || actions.some((each) => each.test(action))) &&
    limits.every(({ name, pattern }) => facts[name]?.some((value) => pattern.test(value)));
}

/** `*` stands for any text. */
export function toRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 's');
}
