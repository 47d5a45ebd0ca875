import type { ApiKey } from '@labelfleet/contracts';
import type {
  IdempotencyKey,
  IdempotencyRecords,
} from '../accept/idempotency/idempotency-records.ts';
import type { Refusal } from '../http/problem.ts';
import { UNLIMITED, type Admission, type CallerLimits } from './caller-limits.ts';

export interface AdmitDeps {
  callerLimits: Pick<CallerLimits, 'admit'>;
  idempotency: Pick<IdempotencyRecords, 'isTaken'>;
  unixMs: () => number;
}

/** Admits a request, and a repeat of an earlier one also over the limits: its images were counted before. */
export async function admitRequest(
  { callerLimits, idempotency, unixMs }: AdmitDeps,
  key: ApiKey | undefined,
  idempotencyKey: IdempotencyKey | undefined,
): Promise<Admission | Refusal> {
  const admission = await callerLimits.admit(key, 1);
  const isRepeat =
    admission.kind === 'refused' &&
    idempotencyKey !== undefined &&
    (await idempotency.isTaken(idempotencyKey, unixMs()));
  return isRepeat ? UNLIMITED : admission;
}
