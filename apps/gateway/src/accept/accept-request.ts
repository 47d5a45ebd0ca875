import { AwsCallError } from '@labelfleet/aws/errors';
import type { RequestOptions, StoredResult } from '@labelfleet/contracts';
import {
  acceptOnce,
  type AcceptOnceDeps,
  type AcceptScope,
  type KeyedOutcome,
} from './accept-once.ts';
import type { IdempotencyKey } from './idempotency/idempotency-records.ts';
import type { Waiter } from '../replies/pending-replies.ts';
import { refuseOverloaded, type Refusal } from '../http/problem.ts';
import { submitRequest, type NewRequest } from './submit-request.ts';

export type AcceptDeps = AcceptOnceDeps;

/** `completed`: an earlier request with the same idempotency key has its result already. */
export type Accepted =
  | {
      kind: 'accepted';
      waiter: Waiter;
      options: RequestOptions;
      /** True if it repeats an earlier request with the same idempotency key. */
      repeats: boolean;
    }
  | { kind: 'completed'; result: StoredResult };

type AcceptOutcome = Accepted | Refusal | { kind: 'disconnected' };

export interface IdentifiedOutcome {
  /** The id in the response: that of the earlier request if this one repeats it, else its own. */
  requestId: string;
  outcome: AcceptOutcome;
}

/** Submits a request; with an idempotency key, one for all requests with that key (P10). */
export async function acceptRequest(
  deps: AcceptDeps,
  request: NewRequest,
  key: IdempotencyKey | undefined,
  scope: AcceptScope,
): Promise<IdentifiedOutcome> {
  const { requestId, options } = request;
  if (key === undefined) {
    const submitted = await submitRequest(deps, request, scope.log);
    const outcome: AcceptOutcome =
      submitted.kind === 'refused' ? submitted : { ...submitted, options, repeats: false };
    return { requestId, outcome };
  }
  try {
    const outcome = await acceptOnce(deps, request, key, scope);
    return {
      requestId: outcome.record?.requestId ?? requestId,
      outcome: withoutRecord(outcome),
    };
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    deps.health.suspect();
    scope.log.warn({ event: 'idempotency.lookup-failed', error }, 'idempotency lookup failed');
    const refusal = refuseOverloaded(
      'The Idempotency-Key could not be looked up. Try again shortly.',
    );
    return { requestId, outcome: refusal };
  }
}

function withoutRecord(outcome: KeyedOutcome): AcceptOutcome {
  switch (outcome.kind) {
    case 'refused':
      return outcome.refusal;
    case 'accepted': {
      const { kind, record, waiter, repeats } = outcome;
      return { kind, waiter, repeats, options: record };
    }
    case 'completed':
      return { kind: 'completed', result: outcome.result };
    case 'disconnected':
      return { kind: 'disconnected' };
  }
}
