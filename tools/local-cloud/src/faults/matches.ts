import { accessKeyOf } from './caller.ts';
import type { Fault } from './fault.ts';

/** The facts to which a fault can be limited. An occasion may have several values of one, such as two instances. */
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

/** An occasion on which a fault may fire: a call, or what a call does to a message or an instance. */
export interface Occasion {
  /** The API action, such as `sqs:SendMessage`. */
  readonly action: string;
  readonly facts: Facts;
}

/** True if a fault matches an occasion: its action matches, and one of the facts for each limit. */
export function matcherOf(fault: Fault): (occasion: Occasion) => boolean {
  const actions = 'action' in fault ? fault.action.map(toRegExp) : undefined;
  const limits = Object.entries(fault.match).map(([name, pattern]) => ({
    name: name as FactName,
    // A fault can name an instance as caller by its id, so its author need not know the access key.
    pattern: toRegExp(
      name === 'caller' && /^i-[0-9a-f]{17}$/.test(pattern) ? accessKeyOf(pattern) : pattern,
    ),
  }));
  return ({ action, facts }) =>
    (actions === undefined || actions.some((each) => each.test(action))) &&
    limits.every(({ name, pattern }) => facts[name]?.some((value) => pattern.test(value)));
}

/** `*` matches any text. */
export function toRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 's');
}
