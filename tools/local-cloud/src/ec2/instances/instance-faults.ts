import type { LaunchFailure } from './end-reasons.ts';
import type { Instance, LaunchSpec } from './instance.ts';

/** One launch and its placement. */
export interface Launch {
  readonly spec: LaunchSpec;
  readonly subnetId: string;
  readonly zone: string;
  /** The requested number of instances. */
  readonly min: number;
  readonly max: number;
}

/** The time from the launch to the start of an instance, and why it then fails; undefined if it does not. */
interface BootPlan {
  readonly delayMs: number;
  readonly failure: LaunchFailure | undefined;
}

/** When an instance gets its interruption notice, and how long the notice is. */
interface SpotInterruption {
  readonly afterMs: number;
  readonly noticeMs: number;
}

/** Decides which faults instances get. */
export interface InstanceFaults {
  /**
   * Returns how many instances of a launch there is capacity for, from `min` to `max`.
   * @throws ApiError if there is capacity for fewer than `min`
   */
  capacity(launch: Launch): number;
  /** Returns the boot of a new instance. */
  boot(instance: Instance): BootPlan;
  /**
   * Returns the interruption of an instance that has just started or, given the id of a fault that was just set, of a
   * running instance. Undefined if it is not interrupted.
   */
  spotNotice(instance: Instance, fault?: string): SpotInterruption | undefined;
}
