import type { WorldSettings } from './world-settings.ts';

/*
 * The plain data of the simulator. Times are seconds since the run began. One image is one request.
 */

/** A read-only plain or typed list of numbers. */
export type Numbers = ArrayLike<number>;

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
  /** In the order of their creation; absent: there is no batch queue. */
  jobs?: readonly WorkloadJob[];
}

export interface WorkloadJob {
  /** When it is created. */
  at: number;
  images: number;
  /** Mean seconds of an image on one thread. */
  imageSeconds: number;
  completeWithinSeconds?: number;
}

export interface JobResult {
  images: number;
  chunks: number;
  pages: number;
  /** Seconds of a whole worker for its images. */
  workSeconds: number;
  /** From its creation until it was done; null: it was not. */
  seconds: number | null;
  completeWithinSeconds: number | null;
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
interface WaitSummary {
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
  /** Absent: the workload has none. */
  jobs?: readonly JobResult[];
}
