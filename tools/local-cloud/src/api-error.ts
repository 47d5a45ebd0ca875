/** An error response in the terms that all three APIs share. Each protocol encodes it in its form. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Additional fields of S3's errors, such as the condition that failed. */
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

/** The error for a feature of AWS that is not served: 501, which no client retries. */
export function notServed(what: string): ApiError {
  return new ApiError('NotImplemented', `${what} is not served by local-cloud.`, 501);
}
