import type { Answer } from '@labelfleet/loadgen/run';

/** What EC2 and SQS reported at one time. */
export interface Sample {
  /** Since the first upload. */
  atMs: number;
  /** Instances by state; those that are terminated are in none. */
  launching: number;
  running: number;
  stopping: number;
  /** Images by the request queue: not received, and received but not deleted. */
  waiting: number;
  inFlight: number;
}

/** One load, observed from the first upload until the fleet is gone. */
export interface Round {
  images: number;
  /** In the order of arrival, each with the time since the first upload. */
  answers: (Answer & { atMs: number })[];
  /** From the first upload to the last answer. */
  elapsedMs: number;
  /** In the order of time. The first one was taken at the first upload. */
  samples: Sample[];
  /** How many instances were launched. */
  launched: number;
}

/** The instances that are not yet terminated. */
export const living = ({ launching, running, stopping }: Sample): number =>
  launching + running + stopping;

/** True if there is no image and no instance. */
export const isEmpty = (sample: Sample): boolean =>
  living(sample) + sample.waiting + sample.inFlight === 0;

/** The largest number of instances at once. */
export const peakOf = (round: Round): number => Math.max(0, ...round.samples.map(living));
