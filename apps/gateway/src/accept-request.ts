import { AwsCallError } from '@labelfleet/aws/errors';
import type { StoredResult } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';
import type { IdempotencyKey, IdempotencyRecords } from './idempotency/idempotency-records.ts';
import type { Metrics } from './metrics.ts';
import type { Waiter } from './pending-replies.ts';
import { refuse, refuseOverloaded, type Refusal } from './problem.ts';
import type { ResultStore } from './result-store.ts';
import { submitRequest, type Submission, type SubmitParts } from './submit-request.ts';

export interface AcceptParts extends SubmitParts {
  idempotency: Pick<IdempotencyRecords, 'claim'>;
  results: Pick<ResultStore, 'find'>;
  /** The time, in milliseconds since the epoch. */
  unixMs: () => number;
  metrics: SubmitParts['metrics'] & Pick<Metrics, 'idempotencyKeys'>;
}

/** `settled`: an earlier request with the same idempotency key has its result already. */
export type Accepted =
  | { kind: 'accepted'; waiter: Waiter; fileName: string | undefined; deadline: Date | undefined }
  | { kind: 'settled'; result: StoredResult };

type Offer = Omit<Submission, 'repeatedBy'>;

interface Scope {
  log: Logger;
  /** Called with the id of the earlier request that this one turns out to repeat; gives a log that names it. */
  continueAs(requestId: string): Logger;
}

/**
 * Submits a request; with an idempotency key, once for all that come with the key (P10). A replay of a
 * request without a result stores and sends again whatever the first one got to: it may have died on the
 * way, or its send may have taken effect though it was told otherwise.
 */
export async function acceptRequest(
  parts: AcceptParts,
  offer: Offer,
  key: IdempotencyKey | undefined,
  scope: Scope,
): Promise<Accepted | Refusal> {
  if (key === undefined) return submit(parts, offer, scope.log);
  const { requestId, upload, topK, deadline } = offer;
  const own = {
    v: 1,
    requestId,
    imageSha256: createHash('sha256').update(upload.bytes).digest('hex'),
    ...(upload.fileName !== undefined && { fileName: upload.fileName }),
    topK,
    ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
    at: new Date(parts.unixMs()).toISOString(),
  } as const;
  let { log } = scope;
  try {
    const claim = await parts.idempotency.claim(key, own);
    if (claim.kind === 'reused') {
      parts.metrics.idempotencyKeys.inc({ stood_for: 'another-image' });
      return refuse(
        'idempotency-key-reused',
        'Within the last 24 hours this Idempotency-Key came with another image. Choose a new key.',
      );
    }
    if (claim.kind === 'ours') {
      parts.metrics.idempotencyKeys.inc({ stood_for: 'nothing' });
      return await submit(parts, offer, log);
    }
    const { record } = claim;
    log.info({ repeats: record.requestId }, 'repeats an earlier request');
    log = scope.continueAs(record.requestId);
    const result = await parts.results.find(record.requestId);
    parts.metrics.idempotencyKeys.inc({ stood_for: result ? 'settled' : 'under-way' });
    if (result !== undefined) return { kind: 'settled', result };
    const repeated = {
      ...offer,
      requestId: record.requestId,
      upload: { ...upload, fileName: record.fileName },
      topK: record.topK,
      deadline: record.deadlineAt === undefined ? undefined : new Date(record.deadlineAt),
      repeatedBy: requestId,
    };
    return await submit(parts, repeated, log);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    log.error({ error }, 'what the idempotency key stands for could not be told');
    return refuseOverloaded('The Idempotency-Key could not be looked up. Try again shortly.');
  }
}

async function submit(
  parts: SubmitParts,
  submission: Submission,
  log: Logger,
): Promise<Accepted | Refusal> {
  const submitted = await submitRequest(parts, submission, log);
  return submitted.kind === 'accepted'
    ? { ...submitted, fileName: submission.upload.fileName, deadline: submission.deadline }
    : submitted;
}
