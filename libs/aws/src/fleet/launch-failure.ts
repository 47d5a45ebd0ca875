import {
  AwsCallError,
  LAUNCHED_AND_GONE_CODES,
  LIMIT_CODES,
  NO_CAPACITY_CODES,
  NOT_AUTHENTICATED_CODES,
  SERVICE_TROUBLE_CODES,
  THROTTLING_CODES,
} from '../errors.ts';
import type { LaunchOutcome } from './fleet.ts';

type Failure = Exclude<LaunchOutcome, { kind: 'launched' }>;

/**
 * Maps an error of RunInstances to an outcome; undefined if it is unknown whether anything was launched. Any
 * status from 400 to 499 means that nothing was launched, also with an unknown code (EC2 API reference, "Error
 * codes", "client errors"); the code says why.
 */
export function launchFailure(error: unknown): LaunchOutcome | undefined {
  if (!(error instanceof AwsCallError)) return undefined;
  if (LAUNCHED_AND_GONE_CODES.has(error.code)) return { kind: 'launched', instances: [] };
  const kind = kindOf(error);
  return kind && { kind, code: error.code, message: error.message };
}

function kindOf({ code, statusCode }: AwsCallError): Failure['kind'] | undefined {
  if (NO_CAPACITY_CODES.has(code) || code.startsWith('Insufficient')) return 'no-capacity';
  if (THROTTLING_CODES.has(code) || statusCode === TOO_MANY_REQUESTS) return 'throttled';
  if (LIMIT_CODES.has(code)) return 'limit';
  if (NOT_AUTHENTICATED_CODES.has(code)) return 'not-authenticated';
  if (SERVICE_TROUBLE_CODES.has(code) || statusCode === REQUEST_TIMEOUT) return undefined;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? 'refused' : undefined;
}

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
