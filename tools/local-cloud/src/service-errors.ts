import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError } from './api-error.ts';
import { sendEc2Error } from './ec2/ec2-error.ts';
import type { Service } from './route-by-service.ts';
import { sendS3Error } from './s3/s3-error.ts';
import { protocolOf } from './sqs/protocol/protocol-of.ts';

/** Sends an error in the service's form, JSON or XML, because its clients can parse only that. */
export function sendServiceError(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  error: ApiError,
): void {
  request.resume(); // what is left of the body, so that the connection can be used again
  switch (service) {
    case 'sqs':
      protocolOf(request).sendError(response, error);
      break;
    case 's3':
      sendS3Error(request, response, error);
      break;
    case 'ec2':
      sendEc2Error(response, error);
  }
}

/** The error for a failure of this server, whose cause is in the log. */
export function internalError(service: Service): ApiError {
  return new ApiError(
    service === 'sqs' ? 'InternalFailure' : 'InternalError',
    'We encountered an internal error. Please try again.',
    500,
  );
}

/** The error for a call without a signature. It points people to the page at `/_local/`. */
export function unsigned(service: Service): ApiError {
  const hint = 'Calls must be signed (Signature Version 4). For people: /_local/';
  return service === 's3'
    ? new ApiError('AccessDenied', `Access Denied. ${hint}`, 403)
    : new ApiError(
        'MissingAuthenticationToken',
        `Request is missing Authentication Token. ${hint}`,
        403,
      );
}
