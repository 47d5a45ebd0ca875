import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer that is an error, in the terms all three APIs share; each protocol writes it in its own form. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What S3 names beside the message, such as the condition that did not hold. */
  readonly details: Readonly<Record<string, string>>;
  constructor(
    code: string,
    message: string,
    status = 400,
    details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Told of each failure of the server itself, such as a full disk. */
export type OnFailure = (error: unknown, request: IncomingMessage) => void;

/**
 * What a call that failed is answered with: an error of the API, or AWS's 500 for a failure of the server
 * itself. Undefined: it cannot be answered, as its client has gone or its answer has begun.
 */
export function errorAnswer(
  error: unknown,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  onFailure: OnFailure,
): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (response.destroyed || request.readableAborted) return undefined;
  onFailure(error, request);
  if (response.headersSent) {
    response.destroy();
    return undefined;
  }
  return new ApiError('InternalError', 'We encountered an internal error. Please try again.', 500);
}

/** What AWS serves and this server does not: 501, which no client tries again. */
export function notServed(what: string): ApiError {
  return new ApiError('NotImplemented', `${what} is not served by local-cloud.`, 501);
}
