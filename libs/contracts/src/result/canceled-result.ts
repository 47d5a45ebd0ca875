import type { CanceledResult } from './classification.ts';
import { fieldsOfRequest, type RequestOfResult } from './fields-of-request.ts';

/** Builds the result of a request that its caller canceled. @param now Unix milliseconds */
export const canceledResult = (request: RequestOfResult, now: number): CanceledResult => ({
  ...fieldsOfRequest(request),
  completedAt: new Date(now).toISOString(),
  attempts: 0,
  status: 'canceled',
});
