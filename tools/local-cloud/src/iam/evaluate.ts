import { arnLike, like, OPERATORS } from './operators.ts';
import type { Policy } from './policy.ts';

/** A call as IAM judges it. One API call may be several. */
export interface IamCall {
  /** Such as `s3:GetObject`. */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  /** Values of condition keys. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = 'allowed' | 'denied' | 'not-allowed';

type Statement = Policy['Statement'][number];

/**
 * Returns `denied` if a statement denies the call, `allowed` if one allows it, and otherwise `not-allowed`:
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate({ Statement: statements }: Policy, call: IamCall): Decision {
  const effects = new Set(
    statements.filter((each) => applies(each, call)).map(({ Effect }) => Effect),
  );
  if (effects.has('Deny')) return 'denied';
  return effects.has('Allow') ? 'allowed' : 'not-allowed';
}

function applies({ Action, Resource, Condition }: Statement, call: IamCall): boolean {
  const action = call.action.toLowerCase();
  const context = new Map(
    Object.entries(call.context ?? {}).map(([key, value]) => [key.toLowerCase(), [value].flat()]),
  );
  return (
    Action.some((pattern) => like(pattern.toLowerCase(), action)) &&
    Resource.some((pattern) => arnLike(pattern, call.resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(
        ([key, want]) => OPERATORS[operator]?.(context.get(key.toLowerCase()) ?? [], want) === true,
      ),
    )
  );
}
