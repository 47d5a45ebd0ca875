/**
 * The AWS error codes that mean something to the product, as named sets. Sources: the SDK's own retry
 * classification, and the error lists of the SQS, S3 and EC2 API references.
 */

/** Slower, please. */
export const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  // SQS: the key service throttles; and too many messages of one queue are in flight.
  'KmsThrottled',
  'OverLimit',
]);

/** The service is in trouble, or a clock or credential will have been renewed by the next try. */
export const SERVICE_TROUBLE_CODES: ReadonlySet<string> = new Set([
  'InternalError',
  'InternalFailure',
  'RequestTimeout',
  'ServiceUnavailable',
  'Unavailable',
  'ExpiredToken',
  'RequestExpired',
  'RequestTimeTooSkewed',
  // S3: another conditional write to the same key is under way.
  'ConditionalRequestConflict',
  'OperationAborted',
]);

/** No whole answer came back: whether the call took effect is unknown. */
export const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'NoAnswer',
  'TimeoutError',
]);

/** SQS: the queue does not exist, or the address cannot be a queue's. */
export const QUEUE_GONE_CODES: ReadonlySet<string> = new Set([
  'AWS.SimpleQueueService.NonExistentQueue',
  'InvalidAddress',
  'QueueDoesNotExist',
]);

/** SQS: the queue exists with other attributes. */
export const QUEUE_EXISTS_CODES: ReadonlySet<string> = new Set([
  'QueueAlreadyExists',
  'QueueNameExists',
]);

/** SQS: the receipt no longer stands for an invisible message. */
export const RECEIPT_INVALID_CODES: ReadonlySet<string> = new Set([
  'AWS.SimpleQueueService.MessageNotInflight',
  'MessageNotInflight',
  'ReceiptHandleIsInvalid',
]);

/** S3: no such object. HEAD answers have no body, so theirs is the bare `NotFound`. */
export const OBJECT_MISSING_CODES: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound']);

/** S3: `If-Match` or `If-None-Match` does not hold. */
export const CONDITION_FAILED_CODES: ReadonlySet<string> = new Set(['PreconditionFailed']);

/** S3: the bucket is there already, and ours. */
export const BUCKET_OWNED_CODES: ReadonlySet<string> = new Set(['BucketAlreadyOwnedByYou']);

/** EC2: no room here; another type, zone or market may have some. */
export const NO_CAPACITY_CODES: ReadonlySet<string> = new Set([
  'InsufficientCapacity',
  'InsufficientFreeAddressesInSubnet',
  'InsufficientHostCapacity',
  'InsufficientInstanceCapacity',
  'InsufficientReservedInstanceCapacity',
  'SpotMaxPriceTooLow',
  'UnfulfillableCapacity',
  // The type is not offered in this zone.
  'Unsupported',
]);

/** EC2: a quota of the account. */
export const LIMIT_CODES: ReadonlySet<string> = new Set([
  'InstanceLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'PendingVerification',
  'VcpuLimitExceeded',
  'VolumeLimitExceeded',
]);

/** EC2: the launch itself is wrong and will not get better by trying. Codes that begin with `Invalid` too. */
export const REFUSED_CODES: ReadonlySet<string> = new Set([
  'Blocked',
  'IdempotentParameterMismatch',
  'MissingParameter',
  'OperationNotPermitted',
  'OptInRequired',
  'UnauthorizedOperation',
  'UnknownParameter',
  'UnsupportedOperation',
  'ValidationError',
]);

/** EC2: no such instance, or not shown yet. */
export const INSTANCE_MISSING_CODES: ReadonlySet<string> = new Set(['InvalidInstanceID.NotFound']);

/** EC2: the launch template is there already. */
export const TEMPLATE_EXISTS_CODES: ReadonlySet<string> = new Set([
  'InvalidLaunchTemplateName.AlreadyExistsException',
]);
