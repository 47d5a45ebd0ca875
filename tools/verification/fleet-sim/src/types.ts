/*
 * The plain data of the simulator. Times are seconds since the run began. One image is one request.
 */

/** A read-only plain or typed list of numbers. */
export type Numbers = ArrayLike<number>;

/** The time from the launch of an instance to the first poll of its worker. */
export interface BootSettings {
  medianSeconds: number;
  /** Standard deviation of the natural logarithm of a boot's seconds; 0: every boot takes the median. */
  logSpread: number;
  /** Share of boots that take `slowFactor` times as long. */
  slowShare: number;
  slowFactor: number;
  /** Share of boots whose worker never comes up. */
  failedShare: number;
}

/** Limits, errors and lags of EC2 and SQS. */
export interface ApiSettings {
  /** EC2's token bucket for launched instances: its size and its refill per second. */
  launchTokens: number;
  launchTokensPerSecond: number;
  /** Share of launches that fail with RequestLimitExceeded regardless of the bucket. */
  throttledShare: number;
  /** Share of all calls, including launches, that fail with another error. */
  errorShare: number;
  /** How long DescribeInstances does not show a new instance. */
  listingLagSeconds: number;
  /** How long a terminated instance is still listed as shutting down. It is not billed. */
  endingSeconds: number;
  /** Age of the queue's counts when they are read. */
  countLagSeconds: number;
  /** Age of a heartbeat when the scaler receives it. */
  reportLagSeconds: number;
}

interface Billing {
  instanceType: string;
  usdPerHour: number;
  /** The minimum billed seconds of a launch. */
  minimumSeconds: number;
}

/** A period in which EC2 has no capacity. */
export interface Drought {
  fromSeconds: number;
  toSeconds: number;
}

/** The settings of the world, without the workload and the policy. */
export interface WorldSettings {
  /** The largest number of images that a worker holds. */
  slots: number;
  /** Images that it classifies at the same time; those in its other slots are fetched and wait. */
  threads: number;
  /** Seconds of the only gateway to put an image into the queue, one after the other. */
  gatewaySeconds: number;
  /** Time of an image in its slot beyond its service: fetch it, store the result, send the reply. */
  overheadSeconds: number;
  /** Longest wait of a long poll. */
  pollSeconds: number;
  /** The visibility timeout, after which the images of a dead worker are redelivered. */
  visibilityTimeoutSeconds: number;
  boot: BootSettings;
  api: ApiSettings;
  droughts: readonly Drought[];
  /** Crashes without warning, per hour and instance. */
  killsPerHour: number;
  /** Spot interruptions, with 2 minutes' notice, per hour and instance. */
  spotInterruptionsPerHour: number;
  billing: Billing;
  minWorkers: number;
  maxWorkers: number;
  /** The policy's goal: 95% of images are answered within this time. */
  targetWaitSeconds: number;
  tickSeconds: number;
}

/** The images and the world. The same kind and seed give byte for byte the same workload. */
export interface Workload {
  name: string;
  /** In ascending order. */
  arrivals: Numbers;
  /** Of each image, in the order of `arrivals`: seconds of one thread. */
  serviceSeconds: Numbers;
  /** The end of billing, or the last answer if that is later. */
  durationSeconds: number;
  world: WorldSettings;
  seed: number;
}

/** One point of a chart. */
export interface Sample {
  atSeconds: number;
  /** Instances not yet terminated, including booting ones. */
  fleet: number;
  booting: number;
  /** Images not yet answered. */
  backlog: number;
}

/** From an image's arrival to its answer, in seconds, by nearest rank. */
export interface WaitSummary {
  mean: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface RunResult {
  policy: string;
  workload: string;
  seed: number;
  images: number;
  /** From each launch to its end. */
  instanceSeconds: number;
  /** The same, with the minimum billed seconds for shorter launches. */
  billedSeconds: number;
  usd: number;
  waits: WaitSummary;
  /**
   * The 95th percentile of the waits of each hour's arrivals, up to the hour of the last image; null: no arrivals.
   */
  hourlyP95: readonly (number | null)[];
  /** Share of images answered within the target wait. */
  withinTarget: number;
  /** Workers that the policy ended while they had images. */
  interrupted: number;
  launches: number;
  /** Most instances at one time. */
  peak: number;
  /** Images without an answer at the end of the run. */
  unanswered: number;
  series: readonly Sample[];
}
