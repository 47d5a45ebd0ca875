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

/** The service is in trouble. */
export const SERVICE_TROUBLE_CODES: ReadonlySet<string> = new Set([
  'InternalError',
  'InternalFailure',
  'RequestTimeout',
  // EC2: a service of AWS that it asks did not answer.
  'RetryableError',
  'ServerInternal',
  'ServiceUnavailable',
  'Unavailable',
  // S3: another conditional write to the same key is under way.
  'ConditionalRequestConflict',
  'OperationAborted',
]);

/** The signature was too old, or made with credentials that have expired: both will be new with the next try. */
export const EXPIRED_CODES: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidSecurity.RequestHasExpired',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
]);

/** The call was not accepted for its credentials or its signature, which says nothing about what it asked for. */
export const NOT_AUTHENTICATED_CODES: ReadonlySet<string> = new Set([
  ...EXPIRED_CODES,
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
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

/**
 * EC2: no room here; another type, zone or market may have some. So does every code that begins with
 * `Insufficient`.
 */
export const NO_CAPACITY_CODES: ReadonlySet<string> = new Set([
  'IncompatibleHostRequirements',
  'ReservationCapacityExceeded',
  'SpotMaxPriceTooLow',
  'UnavailableHostRequirements',
  'UnfulfillableCapacity',
  // The type is not offered in this zone.
  'Unsupported',
  'VolumeTypeNotAvailableInZone',
]);

/** EC2: a quota of the account. */
export const LIMIT_CODES: ReadonlySet<string> = new Set([
  'InstanceLimitExceeded',
  'MaxIOPSLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'NetworkInterfaceLimitExceeded',
  'PendingVerification',
  'VcpuLimitExceeded',
  'VolumeLimitExceeded',
]);

/** EC2: this client token has launched before, and what it launched has ended. */
export const LAUNCHED_AND_GONE_CODES: ReadonlySet<string> = new Set([
  'IdempotentInstanceTerminated',
]);

/** EC2: this client token came before with other parameters. */
export const TOKEN_MISMATCH_CODES: ReadonlySet<string> = new Set(['IdempotentParameterMismatch']);

/** EC2: no such instance, or not shown yet. */
export const INSTANCE_MISSING_CODES: ReadonlySet<string> = new Set(['InvalidInstanceID.NotFound']);

/** EC2: the launch template is there already. */
export const TEMPLATE_EXISTS_CODES: ReadonlySet<string> = new Set([
  'InvalidLaunchTemplateName.AlreadyExistsException',
]);

/** The caller may not do this: a right is missing, or has not spread yet. Any other 403 means the same. */
export const DENIED_CODES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthFailure',
  'KmsAccessDenied',
  'UnauthorizedOperation',
]);
