import type { IncomingMessage } from 'node:http';

import { ApiError } from '../api-error.ts';
import type { Instance } from '../ec2/instances/instance.ts';
import { accessKeyOf, callerOf } from '../faults/caller.ts';
import { roleArn, userArn } from './arns.ts';
import { evaluate, type Decision, type IamCall } from './evaluate.ts';
import type { Policies } from './policies.ts';
import type { Policy } from './policy.ts';

interface Identity {
  readonly arn: string;
  readonly policy: Policy | undefined;
}

/** Judges calls by the policies of their callers. A caller without a policy may do nothing. */
export class Authorizer {
  readonly #policies: Policies;
  readonly #instances: () => readonly Instance[];

  /** @param instances all that have credentials */
  constructor(policies: Policies, instances: () => readonly Instance[]) {
    this.#policies = policies;
    this.#instances = instances;
  }

  /** The ARN of the role of an instance profile. */
  roleOf(profile: string): string {
    return roleArn(this.#policies.profiles[profile]?.role ?? profile);
  }

  /**
   * Returns a function that returns the error of the first call that the sender of a request may not make; undefined
   * if it may make all.
   */
  of(
    request: IncomingMessage,
    code: 'AccessDenied' | 'UnauthorizedOperation',
  ): (calls: readonly IamCall[]) => ApiError | undefined {
    const { arn, policy } = this.#identityOf(callerOf(request)[0] ?? '');
    return (calls) => {
      for (const call of calls) {
        const decision = policy === undefined ? 'not-allowed' : evaluate(policy, call);
        if (decision !== 'allowed') return denial(code, arn, call, decision);
      }
      return undefined;
    };
  }

  #identityOf(accessKey: string): Identity {
    const instance = this.#instances().find(({ id }) => accessKeyOf(id) === accessKey);
    if (instance === undefined) {
      const policy = Object.hasOwn(this.#policies.accessKeys, accessKey)
        ? this.#policies.accessKeys[accessKey]
        : undefined;
      return { arn: userArn(accessKey), policy };
    }
    const profile = instance.spec.profile ?? '';
    return {
      arn: `${this.roleOf(profile)}/${instance.id}`,
      policy: this.#policies.profiles[profile]?.policy,
    };
  }
}

/** In AWS's words: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denial(
  code: string,
  who: string,
  { action, resource }: IamCall,
  decision: Exclude<Decision, 'allowed'>,
): ApiError {
  const because =
    decision === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const on = resource === '*' ? '' : ` on resource: ${resource}`;
  const denied = `User: ${who} is not authorized to perform: ${action}${on} ${because}`;
  const message =
    code === 'UnauthorizedOperation'
      ? `You are not authorized to perform this operation. ${denied}.`
      : denied;
  return new ApiError(code, message, 403);
}
