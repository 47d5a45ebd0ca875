import type { Statement } from '../rights/policies.ts';

/** A call as IAM judges it. One API call may be several. */
export interface IamCall {
  action: string;
  resource: string;
  context?: Readonly<Record<string, string | readonly string[]>>;
}

type Operator = (have: readonly string[], want: readonly string[]) => boolean;
/** The condition operators that the policies use. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (have, want) => have.some((value) => want.includes(value)),
  ArnEquals: (have, want) => have.some((value) => want.some((pattern) => like(pattern, value))),
  Bool: (have, want) => have.some((value) => want.includes(value)),
  'ForAllValues:StringEquals': (have, want) => have.every((value) => want.includes(value)),
  Null: (have, [isNull]) => (have.length === 0) === (isNull === 'true'),
};

/** The first statement that allows a call; undefined if the call is denied. There are no Deny statements. */
export function allowing(statements: readonly Statement[], call: IamCall): Statement | undefined {
  return statements.find(
    ({ Action, Resource, Condition = {} }) =>
      Action.includes(call.action) &&
      Resource.some((pattern) => like(pattern, call.resource)) &&
      Object.entries(Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, want]) => {
          const holds = OPERATORS[operator];
          if (holds === undefined) throw new Error(`${operator} is not known here`);
          return holds([call.context?.[key] ?? []].flat(), [want].flat());
        }),
      ),
  );
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
