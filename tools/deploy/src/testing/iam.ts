import { evaluate, policy, type IamCall } from '@labelfleet/local-cloud/iam';
import type { Statement } from '../rights/policies.ts';

export type { IamCall };

/** The first statement that allows a call; undefined if the call is denied. There are no Deny statements. */
export function allowing(statements: readonly Statement[], call: IamCall): Statement | undefined {
  return statements.find(
    (statement) => evaluate(policy.parse({ Statement: statement }), call) === 'allowed',
  );
}

export const objectCall = (bucket: string, key: string, action: string): IamCall => ({
  action: `s3:${action}`,
  resource: `${bucket}/${key}`,
});

export const queueCall = (resource: string, action: string): IamCall => ({
  action: `sqs:${action}`,
  resource,
});
