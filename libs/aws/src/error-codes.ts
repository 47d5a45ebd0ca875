/**
 * The AWS error codes that labelfleet handles, as named sets. Sources: the SDK's own retry classification, and
 * the error lists of the SQS, S3 and EC2 API references.
 */

/** AWS asks the caller to slow down. */
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
  // SQS: KMS throttles, and too many messages of one queue are in flight.
  'KmsThrottled',
  'OverLimit',
]);

/** The service has a temporary fault. */
export const SERVICE_TROUBLE_CODES: ReadonlySet<string> = new Set([
  'InternalError',
  'InternalFailure',
  'RequestTimeout',
  // EC2: an AWS service that it depends on did not answer.
  'RetryableError',
  'ServerInternal',
  'ServiceUnavailable',
  'Unavailable',
  // S3: another conditional write to the same key is under way.
  'ConditionalRequestConflict',
  'OperationAborted',
]);

/** The signature or the credentials have expired. A retry signs again, with fresh credentials. */
export const EXPIRED_CODES: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidSecurity.RequestHasExpired',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
]);

/** AWS rejected the credentials or the signature; it did not look at the request's content. */
export const NOT_AUTHENTICATED_CODES: ReadonlySet<string> = new Set([
  ...EXPIRED_CODES,
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** No complete response arrived, so it is unknown whether the call took effect. */
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

/** SQS: the queue does not exist, or its URL is not valid. */
export const QUEUE_GONE_CODES: ReadonlySet<string> = new Set([
  'AWS.SimpleQueueService.NonExistentQueue',
  'InvalidAddress',
  'QueueDoesNotExist',
]);

/** SQS: a queue of this name exists with different attributes. */
export const QUEUE_EXISTS_CODES: ReadonlySet<string> = new Set([
  'QueueAlreadyExists',
  'QueueNameExists',
]);

/** SQS: the receipt no longer belongs to an invisible message. */
export const RECEIPT_INVALID_CODES: ReadonlySet<string> = new Set([
  'AWS.SimpleQueueService.MessageNotInflight',
  'MessageNotInflight',
  'ReceiptHandleIsInvalid',
]);

/** S3: the object does not exist. HEAD responses have no body, so their code is a bare `NotFound`. */
export const OBJECT_MISSING_CODES: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound']);

/** S3: `If-Match` or `If-None-Match` does not hold. */
export const CONDITION_FAILED_CODES: ReadonlySet<string> = new Set(['PreconditionFailed']);

/** S3: the bucket exists and belongs to this account. */
export const BUCKET_OWNED_CODES: ReadonlySet<string> = new Set(['BucketAlreadyOwnedByYou']);

/**
 * EC2: no capacity for this type, zone and market; another may have some. Every code that begins with
 * `Insufficient` means the same.
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

/** EC2: this client token has launched before, and those instances have terminated. */
export const LAUNCHED_AND_GONE_CODES: ReadonlySet<string> = new Set([
  'IdempotentInstanceTerminated',
]);

/** EC2: this client token was used before with different parameters. */
export const TOKEN_MISMATCH_CODES: ReadonlySet<string> = new Set(['IdempotentParameterMismatch']);

/** EC2: the instance does not exist, or the API does not show it yet (eventual consistency). */
export const INSTANCE_MISSING_CODES: ReadonlySet<string> = new Set(['InvalidInstanceID.NotFound']);

/** EC2: a launch template of this name exists. */
export const TEMPLATE_EXISTS_CODES: ReadonlySet<string> = new Set([
  'InvalidLaunchTemplateName.AlreadyExistsException',
]);

/** A permission is missing, or IAM has not propagated it yet. Any other 403 means the same. */
export const DENIED_CODES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthFailure',
  'KmsAccessDenied',
  'UnauthorizedOperation',
]);
