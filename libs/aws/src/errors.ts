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

/** A call to AWS that failed for a reason its caller has no outcome for. */
export class AwsCallError extends Error {
  /** The API's name for it, such as `SendMessageBatch`. */
  readonly operation: string;
  /** AWS's error code, Node's for a network failure, `UnreadableAnswer`, or the error's name. */
  readonly code: string;
  /** HTTP status of the answer; undefined where none came. */
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

/** Whether the same call may succeed in a while: throttled, unreachable, expired, or the service in trouble. */
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
 * Whether a call was refused for what it asks, and would be answered otherwise: the service works, the thing
 * called is there, and the caller may call it.
 */
export const isRefusedInput = (error: unknown): boolean =>
  error instanceof AwsCallError &&
  error.statusCode === 400 &&
  !isTransient(error) &&
  !QUEUE_GONE_CODES.has(error.code) &&
  !/Access|Auth|Credential|Kms|KMS|Security|Signature|Token/.test(error.code);

/** Whether a right was missing for the call. IAM takes some seconds to spread a new one, and more for a new role. */
export function isDenied(error: unknown): error is AwsCallError {
  return (
    error instanceof AwsCallError &&
    !isTransient(error) &&
    (DENIED_CODES.has(error.code) || error.statusCode === 403)
  );
}

/**
 * Whether SQS says that a receipt no longer stands for an invisible message. Beside the codes of its own
 * it uses `InvalidParameterValue`, for expired handles (FIFO) and for messages that are gone.
 */
export function isReceiptInvalid(failure: { code: string; message: string }): boolean {
  return (
    RECEIPT_INVALID_CODES.has(failure.code) ||
    (failure.code === 'InvalidParameterValue' && /receipt ?handle/i.test(failure.message))
  );
}

/** What the SDK threw, as an AwsCallError. */
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
  // An answer in the service's own form: its code is the name of the error.
  if ('$fault' in error) return error.name;
  // Any other answer, such as a proxy's page.
  if (statusCode !== undefined) return 'UnreadableAnswer';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Runs one call of the SDK; what it throws comes out as an AwsCallError. */
export async function callAws<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toAwsCallError(operation, error);
  }
}

/** A field that AWS documents as always there, though the SDK's types call every field optional. */
export function required<T>(operation: string, field: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new AwsCallError(operation, { code: 'NoAnswer', message: `the answer has no ${field}` });
}

/** The HTTP status in what the SDK threw; undefined where no answer came. */
export function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
