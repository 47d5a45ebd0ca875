const MAX_FILE_NAME_BYTES = 128;

/**
 * A file name that is safe as the last part of an object key: ASCII letters, digits, `.`, `_` and `-`, at
 * most 128 of them, the end kept where it is longer (that is where the extension is). `image` where nothing
 * safe remains.
 */
export function safeFileName(fileName: string): string {
  const base = fileName.split(/[/\\]/).at(-1) ?? '';
  const safe = base.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-MAX_FILE_NAME_BYTES);
  return /[A-Za-z0-9]/.test(safe) ? safe : 'image';
}

/** Input bucket: the image of a request. */
export const imageKey = (requestId: string, fileName: string): string =>
  `${requestId}/${safeFileName(fileName)}`;

/** Input bucket: the prefix under which the one image of a request lies. */
export const imagePrefix = (requestId: string): string => `${requestId}/`;

/** Output bucket: the terminal result of a request. */
export const resultKey = (requestId: string): string => `${requestId}.json`;

/**
 * State bucket: what an idempotency key stands for.
 * @param digest SHA-256 of caller and key, hex: neither is to be read from the name
 */
export const idempotencyRecordKey = (digest: string): string => `idempotency/${digest}.json`;

/** State bucket: the starts on the image of a request. */
export const attemptRecordKey = (requestId: string): string => `attempts/${requestId}`;

/** State bucket: the fleet as the scaler last saw it. */
export const FLEET_SNAPSHOT_KEY = 'fleet/snapshot.json';

/** State bucket: the lease on the fleet, and what its leader must not forget. */
export const FLEET_LEASE_KEY = 'fleet/lease.json';

/** State bucket: how far the sweep for requests without a message has come. */
export const REQUEST_SWEEP_KEY = 'fleet/request-sweep.json';
