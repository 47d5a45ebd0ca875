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

/** What AWS serves and this server does not: 501, which no client tries again. */
export function notServed(what: string): ApiError {
  return new ApiError('NotImplemented', `${what} is not served by local-cloud.`, 501);
}
