import { AwsCallError } from '@labelfleet/aws/errors';
import type { Place } from '../launch/launch-places.ts';

export const FAILURE_KINDS = [
  'no-capacity',
  'throttled',
  'limit',
  'refused',
  'not-authenticated',
  'not-found',
  'failed',
] as const;

/** A call that did not do what it was made for: a value for the tick's log line and the metrics. */
export interface CallFailure {
  call: 'launch' | 'tag' | 'terminate' | 'write-lease';
  /** EC2's response, or `failed` if none came. */
  kind: (typeof FAILURE_KINDS)[number];
  detail: string;
  /** EC2's error code, and the place where it refused a launch. */
  refusal?: { code: string; place: Place };
}

/** The call was not made, because this scaler cannot be sure any more that it leads. */
export class LeaseLapsed extends Error {
  constructor() {
    super('not called: the lease has lapsed');
    this.name = 'LeaseLapsed';
  }
}

/** A call that failed; `sent` is false if it was never made. */
export interface FailedCall {
  kind: 'failed';
  detail: string;
  sent: boolean;
}

/**
 * Makes a call to AWS. A failure is returned as a value, because the next tick tries again.
 * @throws any error but AwsCallError and LeaseLapsed, because it is a bug
 */
export async function tryCall<T>(
  call: () => Promise<T>,
): Promise<{ kind: 'answered'; answer: T } | FailedCall> {
  try {
    return { kind: 'answered', answer: await call() };
  } catch (error) {
    if (error instanceof AwsCallError || error instanceof LeaseLapsed)
      return { kind: 'failed', detail: error.message, sent: error instanceof AwsCallError };
    throw error;
  }
}
