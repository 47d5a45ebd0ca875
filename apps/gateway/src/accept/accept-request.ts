import { AwsCallError } from '@labelfleet/aws/errors';
import type { StoredResult } from '@labelfleet/contracts';
import { acceptOnce, deadlineOf, type AcceptOnceDeps } from './accept-once.ts';
import type { IdempotencyKey } from './idempotency/idempotency-records.ts';
import type { Waiter } from '../replies/pending-replies.ts';
import { refuseOverloaded, type Refusal } from '../http/problem.ts';
import { submitRequest, type SubmittedRequest } from './submit-request.ts';

export type AcceptDeps = AcceptOnceDeps;

/** `settled`: an earlier request with the same idempotency key has its result already. */
export type Accepted =
  | {
      kind: 'accepted';
      waiter: Waiter;
      fileName: string | undefined;
      deadline: Date | undefined;
      /** It repeats an earlier request with the same idempotency key. */
      repeats: boolean;
    }
  | { kind: 'completed'; result: StoredResult };

type NewRequest = Omit<SubmittedRequest, 'repeatedBy' | 'sendByMs'>;

/** Submits a request; with an idempotency key, once for all that come with the key (P10). */
export async function acceptRequest(
  deps: AcceptDeps,
  offer: NewRequest,
  key: IdempotencyKey | undefined,
  scope: Parameters<typeof acceptOnce>[3],
): Promise<Accepted | Refusal | { kind: 'disconnected' }> {
  if (key === undefined) {
    const submitted = await submitRequest(deps, offer, scope.log);
    if (submitted.kind === 'refused') return submitted;
    const { upload, deadline } = offer;
    return { ...submitted, fileName: upload.fileName, deadline, repeats: false };
  }
  try {
    const outcome = await acceptOnce(deps, offer, key, scope);
    switch (outcome.kind) {
      case 'refused':
        return outcome.refusal;
      case 'accepted': {
        const { record, waiter, repeats } = outcome;
        return {
          ...{ kind: 'accepted', waiter, repeats, fileName: record.fileName },
          deadline: deadlineOf(record),
        };
      }
      case 'completed':
      case 'disconnected':
        return outcome;
    }
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    deps.health.suspect();
    scope.log.error({ error }, 'what the idempotency key stands for could not be told');
    return refuseOverloaded('The Idempotency-Key could not be looked up. Try again shortly.');
  }
}
