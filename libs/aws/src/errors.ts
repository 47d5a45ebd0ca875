import {
  DENIED_CODES,
  EXPIRED_CODES,
  NETWORK_CODES,
  QUEUE_GONE_CODES,
  RECEIPT_INVALID_CODES,
  SERVICE_TROUBLE_CODES,
  THROTTLING_CODES,
} from './error-codes.ts';

export * from './error-codes.ts';

/** A call to AWS failed, and the adapter has no outcome for the failure. */
export class AwsCallError extends Error {
  /** Name of the API operation, such as `SendMessageBatch`. */
  readonly operation: string;
  /** AWS's error code, Node's code for a network failure, `UnreadableAnswer`, or the error's name. */
  readonly code: string;
  /** HTTP status of the response; undefined if none arrived. */
  readonly statusCode: number | undefined;

  constructor(
    operation: string,
    failure: { code: string; message: string; statusCode?: number | undefined; cause?: unknown },
  ) {
    super(`${operation}: ${failure.code}: ${failure.message}`, { cause: failure.cause });
    this.name = 'AwsCallError';
    this.operation = operation;
    this.code = failure.code;
    this.statusCode = failure.statusCode;
  }
}

/** Whether a retry may succeed: the service throttled, failed or was unreachable, or the credentials expired. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof AwsCallError &&
    (THROTTLING_CODES.has(error.code) ||
      SERVICE_TROUBLE_CODES.has(error.code) ||
      EXPIRED_CODES.has(error.code) ||
      NETWORK_CODES.has(error.code) ||
      error.statusCode === 429 ||
      (error.statusCode !== undefined && error.statusCode >= 500))
  );
}

/** Whether the call failed with one of these codes. */
export function hasCode(error: unknown, codes: ReadonlySet<string>): error is AwsCallError {
  return error instanceof AwsCallError && codes.has(error.code);
}

/**
 * Whether AWS refused only the input. That proves that the service works, the resource exists, and the caller
 * has the permission.
 */
export const isRefusedInput = (error: unknown): boolean =>
  error instanceof AwsCallError &&
  error.statusCode === 400 &&
  !isTransient(error) &&
  !QUEUE_GONE_CODES.has(error.code) &&
  !/Access|Auth|Credential|Kms|KMS|Security|Signature|Token/.test(error.code);

/** Whether the call lacked a permission. IAM takes seconds to propagate a new one, longer for a new role. */
export function isDenied(error: unknown): error is AwsCallError {
  return (
    error instanceof AwsCallError &&
    !isTransient(error) &&
    (DENIED_CODES.has(error.code) || error.statusCode === 403)
  );
}

/**
 * Whether SQS reports that a receipt no longer belongs to an invisible message. SQS also uses
 * `InvalidParameterValue` for this: for expired handles (FIFO) and for deleted messages.
 */
export function isReceiptInvalid(failure: { code: string; message: string }): boolean {
  return (
    RECEIPT_INVALID_CODES.has(failure.code) ||
    (failure.code === 'InvalidParameterValue' && /receipt ?handle/i.test(failure.message))
  );
}

/** Converts what the SDK threw to an AwsCallError. */
export function toAwsCallError(operation: string, error: unknown): AwsCallError {
  if (error instanceof AwsCallError) return error;
  if (!(error instanceof Error)) {
    return new AwsCallError(operation, {
      code: 'Unknown',
      message: String(error),
      cause: error,
    });
  }
  const statusCode = httpStatus(error);
  return new AwsCallError(operation, {
    code: codeOf(error, statusCode),
    message: error.message,
    statusCode,
    cause: error,
  });
}

function codeOf(error: Error, statusCode: number | undefined): string {
  // The service sent an error response: the SDK uses its code as the error's name.
  if ('$fault' in error) return error.name;
  // Any other response, such as an error page of a proxy.
  if (statusCode !== undefined) return 'UnreadableAnswer';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Runs one SDK call and rejects with an AwsCallError if it fails. */
export async function callAws<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toAwsCallError(operation, error);
  }
}

/** Returns a field that AWS documents as always present, although the SDK types every field as optional. */
export function required<T>(operation: string, field: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new AwsCallError(operation, { code: 'NoAnswer', message: `the response has no ${field}` });
}

/** The HTTP status of an SDK error; undefined if no response arrived. */
export function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
