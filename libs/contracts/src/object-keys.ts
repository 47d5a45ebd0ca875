import { webhookId, type WebhookMessage } from './webhook/webhook-message.ts';

const MAX_FILE_NAME_BYTES = 128;

/**
 * Makes a file name safe as the last part of an object key: at most 128 ASCII letters, digits, `.`, `_` and `-`. A
 * longer name keeps its end, which has the extension. Returns `image` if no letter or digit remains.
 */
export function safeFileName(fileName: string): string {
  const base = fileName.split(/[/\\]/).at(-1) ?? '';
  const safe = base.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-MAX_FILE_NAME_BYTES);
  return /[A-Za-z0-9]/.test(safe) ? safe : 'image';
}

/** Input bucket: the image of a request. */
export const imageKey = (requestId: string, fileName: string): string =>
  `${requestId}/${safeFileName(fileName)}`;

/** Input bucket: the prefix of the image of a request. */
export const imagePrefix = (requestId: string): string => `${requestId}/`;

/** Output bucket: the result of a request. */
export const resultKey = (requestId: string): string => `${requestId}.json`;

/**
 * State bucket: an idempotency record.
 * @param digest SHA-256 of caller and key, hex, so that the object key reveals neither
 */
export const idempotencyRecordKey = (digest: string): string => `idempotency/${digest}.json`;

/** State bucket: the images of a batch. */
export const batchKey = (batchId: string): string => `batches/${batchId}.json`;

/**
 * State bucket: what a caller has used on a day.
 * @param day of UTC, such as 2026-11-26
 */
export const callerUsageKey = (day: string, caller: string): string =>
  `usage/${day}/${caller}.json`;

/** State bucket: the attempt record of a request. */
export const attemptRecordKey = (requestId: string): string => `attempts/${requestId}`;

/** State bucket: the description of a model. @param sha256 of the model file, hex */
export const modelDescriptionKey = (sha256: string): string => `models/${sha256}.json`;

/** State bucket: the description of the model of the worker that started last. */
export const LATEST_MODEL_KEY = 'models/latest.json';

/** State bucket: the fleet snapshot. */
export const FLEET_SNAPSHOT_KEY = 'fleet/snapshot.json';

/** State bucket: the lease with the leader's memory. */
export const FLEET_LEASE_KEY = 'fleet/lease.json';

/** State bucket: the progress of the sweep for requests without a message. */
export const REQUEST_SWEEP_KEY = 'fleet/request-sweep.json';

/** State bucket: the prefix of all webhook records. */
export const WEBHOOK_RECORD_PREFIX = 'webhooks/';

/** State bucket: the webhook record of a webhook. */
export const webhookRecordKey = (message: WebhookMessage): string =>
  `${WEBHOOK_RECORD_PREFIX}${message.receiver}/${webhookId(message)}.json`;
