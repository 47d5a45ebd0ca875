import { hasCode, isRefused, LIMIT_CODES, NO_CAPACITY_CODES, THROTTLING_CODES } from '../errors.ts';
import type { LaunchOutcome } from './fleet.ts';

/** What a failed RunInstances means for the fleet; undefined where it has no outcome of its own. */
export function launchFailure(error: unknown): LaunchOutcome | undefined {
  const failure = (
    kind: Exclude<LaunchOutcome['kind'], 'launched'>,
    code: string,
    message: string,
  ) => ({ kind, code, message });
  if (hasCode(error, NO_CAPACITY_CODES)) return failure('no-capacity', error.code, error.message);
  if (hasCode(error, THROTTLING_CODES)) return failure('throttled', error.code, error.message);
  if (hasCode(error, LIMIT_CODES)) return failure('limit', error.code, error.message);
  if (isRefused(error)) return failure('refused', error.code, error.message);
  return undefined;
}
