import {
  AwsCallError,
  isRefused,
  LIMIT_CODES,
  NO_CAPACITY_CODES,
  THROTTLING_CODES,
} from '../errors.ts';
import type { LaunchOutcome } from './fleet.ts';

type Failure = Exclude<LaunchOutcome, { kind: 'launched' }>;

/** What a failed RunInstances means for the fleet; undefined where it has no outcome of its own. */
export function launchFailure(error: unknown): Failure | undefined {
  if (!(error instanceof AwsCallError)) return undefined;
  const kind = kindOf(error);
  return kind && { kind, code: error.code, message: error.message };
}

function kindOf(error: AwsCallError): Failure['kind'] | undefined {
  if (NO_CAPACITY_CODES.has(error.code)) return 'no-capacity';
  if (THROTTLING_CODES.has(error.code)) return 'throttled';
  if (LIMIT_CODES.has(error.code)) return 'limit';
  return isRefused(error) ? 'refused' : undefined;
}
