/**
 * The product's own variables, so short that ten minutes see much: a message whose worker died is back after
 * 8 s, a lease whose leader died is taken after 3 s, and a worker without work is released at once.
 */
export const VISIBILITY_SECONDS = 8;
export const LEASE_SECONDS = 3;
/** Of computing: pictures take some milliseconds. */
export const MAX_DECODE_SECONDS = 1;

export const settings = (maxWorkers: number): Readonly<Record<string, string>> => ({
  SCALING_POLICY: 'backlog-per-worker',
  MAX_WORKERS: String(maxWorkers),
  IMAGES_PER_WORKER: '1',
  IDLE_BEFORE_RELEASE_SECONDS: '0.5',
  TICK_SECONDS: '0.4',
  LEASE_SECONDS: String(LEASE_SECONDS),
  POLL_SECONDS: '1',
  VISIBILITY_TIMEOUT_SECONDS: String(VISIBILITY_SECONDS),
  MAX_ATTEMPT_SECONDS: '5',
  MAX_DECODE_SECONDS: String(MAX_DECODE_SECONDS),
  DRAIN_TIMEOUT_SECONDS: '10',
  INFERENCE_THREADS: '1',
  // A place without capacity, or refused, is left alone for 3 min and more: so there are many of them.
  WORKER_INSTANCE_TYPES: ['c7i', 'c6i', 'm7i', 'm6i', 'r7i', 'r6i', 'c5', 'm5', 'r5', 'c4']
    .flatMap((family) => [`${family}.large`, `${family}.xlarge`])
    .join(),
  WORKER_SUBNET_IDS: ['a', 'b', 'c'].map((zone) => `subnet-0000000000000000${zone}`).join(),
});

/** How long an instance is pending. */
export const BOOT_SECONDS = 0.3;
/** From SIGTERM to SIGKILL: longer than a worker may take to drain. */
export const GRACE_SECONDS = 30;
