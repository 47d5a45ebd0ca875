import {
  requestOptionsSchema,
  type IdempotencyRecord,
  type RequestOptions,
  type StoredJob,
} from '@labelfleet/contracts';
import type { JobStore } from '@labelfleet/jobs';
import { createHash } from 'node:crypto';
import { REUSED } from '../../accept/accept-once.ts';
import type {
  IdempotencyKey,
  IdempotencyRecords,
} from '../../accept/idempotency/idempotency-records.ts';
import type { Refusal } from '../../http/problem.ts';
import type { JobRequest } from './job-request.ts';

export interface ClaimDeps {
  idempotency: Pick<IdempotencyRecords, 'claim' | 'isTaken'>;
  jobs: Pick<JobStore, 'job'>;
  unixMs: () => number;
}

/** The job of an idempotency key. */
export interface ClaimedJob {
  kind: 'claimed';
  id: string;
  /** Those of the first request with the key. */
  options: RequestOptions;
  isRepeat: boolean;
  /** Set if an earlier request with the key has created it. */
  stored: StoredJob | undefined;
}

/** No caller can send a key with a space, so keys of jobs differ from those of images and batches. */
const jobClaimKey = ({ caller, key }: IdempotencyKey) => ({ caller, key: `${key} job` });

export interface ClaimRequest {
  id: string;
  body: JobRequest;
  options: RequestOptions;
}

/** Claims the id of a job for an idempotency key (P10). */
export async function claimJob(
  { idempotency, jobs, unixMs }: ClaimDeps,
  key: IdempotencyKey,
  { id, body, options }: ClaimRequest,
): Promise<ClaimedJob | Refusal> {
  const own: IdempotencyRecord = {
    v: 1,
    ...options,
    requestId: id,
    imageSha256: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
    at: new Date(unixMs()).toISOString(),
  };
  const claim = await idempotency.claim(jobClaimKey(key), own);
  if (claim.kind === 'reused') return REUSED;
  const isRepeat = claim.kind === 'replay';
  const { requestId } = claim.record;
  return {
    kind: 'claimed',
    id: requestId,
    options: requestOptionsSchema.parse(claim.record),
    isRepeat,
    stored: isRepeat ? await jobs.job(requestId) : undefined,
  };
}

/**
 * The job of an earlier request with the key.
 * @returns undefined if there is none, so that the request is judged before it claims the key
 */
export async function findClaimed(
  deps: ClaimDeps,
  key: IdempotencyKey,
  request: ClaimRequest,
): Promise<ClaimedJob | Refusal | undefined> {
  const isTaken = await deps.idempotency.isTaken(jobClaimKey(key), deps.unixMs());
  return isTaken ? claimJob(deps, key, request) : undefined;
}
