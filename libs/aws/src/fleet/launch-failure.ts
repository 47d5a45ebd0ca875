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
 * What an error of RunInstances means for the fleet; undefined where it is not known whether anything was launched.
 * Codes tell apart why nothing was; that nothing was is told by the status alone, so that a code nobody has heard
 * of means it too: "client errors" come with 400 to 499 (EC2 API reference, "Error codes").
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
