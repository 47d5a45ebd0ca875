import type { CanceledResult } from './classification.ts';
import { resultOf, type Failed } from './failed-result.ts';

/** Builds the result of a request that its caller canceled. @param now Unix milliseconds */
export const canceledResult = (request: Failed, now: number): CanceledResult => ({
  ...resultOf(request),
  completedAt: new Date(now).toISOString(),
  attempts: 0,
  status: 'canceled',
});
