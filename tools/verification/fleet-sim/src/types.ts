/*
 * The plain data that the parts of the simulator hand each other. Times are seconds since the beginning of the
 * run; one image is one request.
 */

/** A list of numbers, plain or typed: what is only read. */
export type Numbers = ArrayLike<number>;

/** How long instances take from launch to the first poll of their worker. */
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

/** What EC2 and SQS put in the way of a scaler. */
export interface ApiSettings {
  /** EC2's bucket for launched instances: tokens it holds, and tokens that come back a second. */
  launchTokens: number;
  launchTokensPerSecond: number;
  /** Share of launches that are answered RequestLimitExceeded whatever they ask for. */
  throttledShare: number;
  /** Share of all calls, launches included, that end in another error. */
  errorShare: number;
  /** How long DescribeInstances does not show a new instance. */
  listingLagSeconds: number;
  /** How long an instance that is terminated still counts as not yet terminated. It is not billed. */
  endingSeconds: number;
  /** Age of the queue's counts when they are read. */
  countLagSeconds: number;
  /** Age of a worker's report when the scaler receives it. */
  reportLagSeconds: number;
}

interface Billing {
  instanceType: string;
  usdPerHour: number;
  /** A launch costs at least so many seconds. */
  minimumSeconds: number;
}

/** A time in which EC2 has no instance to give. */
export interface Drought {
  fromSeconds: number;
  toSeconds: number;
}

/** Everything about the world that is neither the work nor the policy. */
export interface WorldSettings {
  /** Images a worker has in hand at most. */
  slots: number;
  /** Images it works on at the same time; the others of its slots are ready to follow. */
  threads: number;
  /** What a gateway takes to put an image into the queue; there is one, and it takes one after the other. */
  gatewaySeconds: number;
  /** Time of an image in its slot beyond its service: fetch it, store and send the answer. */
  overheadSeconds: number;
  /** Longest wait of a long poll. */
  pollSeconds: number;
  /** After so long without an extension the images of a dead worker come back. */
  visibilityTimeoutSeconds: number;
  boot: BootSettings;
  api: ApiSettings;
  droughts: readonly Drought[];
  /** Instances that end without warning, per hour and instance. */
  killsPerHour: number;
  /** Instances that Spot takes back, after 2 minutes' notice, per hour and instance. */
  spotInterruptionsPerHour: number;
  billing: Billing;
  minWorkers: number;
  maxWorkers: number;
  /** What the policy is to keep: most images are answered within this time. */
  targetWaitSeconds: number;
  tickSeconds: number;
}

/** The work and the world it meets. The same workload and seed are the same to the byte. */
export interface Workload {
  name: string;
  /** In ascending order. */
  arrivals: Numbers;
  /** Of each image, in the order of `arrivals`: seconds of one thread. */
  serviceSeconds: Numbers;
  /** What is billed ends here, or with the last answer where that comes later. */
  durationSeconds: number;
  world: WorldSettings;
  seed: number;
}

/** One point of a picture. */
export interface Sample {
  atSeconds: number;
  /** Instances not yet terminated, those that boot included. */
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
  /** The same, a launch counted as the least that is billed where it was shorter. */
  billedSeconds: number;
  usd: number;
  waits: WaitSummary;
  /**
   * Of the images that arrived in each hour of the run, up to the hour of the last one, the 95th percentile of the
   * wait; null: none arrived in it.
   */
  hourlyP95: readonly (number | null)[];
  /** Share of images answered within the target wait. */
  withinTarget: number;
  /** Workers whose images were cut off because the policy ended them. */
  interrupted: number;
  launches: number;
  /** Most instances at one time. */
  peak: number;
  /** Images without an answer when the run was given up. */
  unanswered: number;
  series: readonly Sample[];
}
