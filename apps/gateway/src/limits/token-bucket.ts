const MINUTE_MS = 60_000;

/** How full a caller's bucket was at a time. A full one holds the images of a minute. */
export interface Bucket {
  tokens: number;
  /** On a monotonic clock. */
  atMs: number;
}

/** The bucket now: it fills evenly, to `perMinute` at most. One that was not used yet is full. */
export function refilled(bucket: Bucket | undefined, perMinute: number, nowMs: number): Bucket {
  if (bucket === undefined) return { tokens: perMinute, atMs: nowMs };
  const added = ((nowMs - bucket.atMs) * perMinute) / MINUTE_MS;
  return { tokens: Math.min(perMinute, bucket.tokens + added), atMs: nowMs };
}

/**
 * The time until a refilled bucket has so many tokens; 0 if it has. A full one is enough for any number, and owes
 * the rest: otherwise a batch that is larger than the bucket would never be accepted.
 */
export function msUntil(images: number, { tokens }: Bucket, perMinute: number): number {
  const missing = Math.min(images, perMinute) - tokens;
  return missing <= 0 ? 0 : (missing * MINUTE_MS) / perMinute;
}
