import { ProblemError, type CallError, type Retry } from '@labelfleet/client';
import { explain } from '@labelfleet/runtime';

/** Why a call of the service brought nothing, and what to do. */
export function explainCall(error: CallError): string {
  if (error instanceof ProblemError && error.code === 'unauthorized')
    return `${error.detail} Set LABELFLEET_API_KEY.`;
  return error.cause === undefined ? error.message : `${error.message} ${explain(error.cause)}`;
}

export const retryLine = ({ error, delayMs }: Retry): string =>
  `${explainCall(error)} Trying again in ${Math.ceil(delayMs / 1000)} s.`;
