/**
 * The product's variables, with short times so that a run of ten minutes has many takeovers: a message is
 * redelivered 8 s after its worker died, a lease expires after 3 s, and an idle worker is drained at once.
 */
export const VISIBILITY_SECONDS = 8;
export const LEASE_SECONDS = 3;
/**
 * How much of Prometheus' time one second of a run is: leases and visibility timeouts, and so everything that others
 * wait for before they take over, are about so many times shorter than by default (10 s and 30 s).
 */
export const TIME_SCALE = 10 / LEASE_SECONDS;
/** CPU time; the good images take milliseconds. */
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
  // The scaler avoids a refused type and zone for 3 min and more, so there must be many of them.
  WORKER_INSTANCE_TYPES: ['c7i', 'c6i', 'm7i', 'm6i', 'r7i', 'r6i', 'c5', 'm5', 'r5', 'c4']
    .flatMap((family) => [`${family}.large`, `${family}.xlarge`])
    .join(),
  WORKER_SUBNET_IDS: ['a', 'b', 'c'].map((zone) => `subnet-0000000000000000${zone}`).join(),
});

/** The time that an instance is pending. */
export const BOOT_SECONDS = 0.3;
/** The time from SIGTERM to SIGKILL, longer than DRAIN_TIMEOUT_SECONDS. */
export const GRACE_SECONDS = 30;
