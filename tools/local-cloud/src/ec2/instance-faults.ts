import type { Instance, LaunchSpec } from './instance.ts';

/** One launch, where it would go. */
export interface Launch {
  readonly spec: LaunchSpec;
  readonly subnetId: string;
  readonly zone: string;
  /** How many are wanted. */
  readonly min: number;
  readonly max: number;
}

/** How long an instance takes from its launch to its start, and whether it fails then. */
interface BootFate {
  readonly delayMs: number;
  readonly fails: boolean;
}

/** When an instance gets the notice that Spot takes it back, and how long that is. */
interface SpotFate {
  readonly afterMs: number;
  readonly noticeMs: number;
}

/** What decides about the fate of instances. */
export interface InstanceFaults {
  /**
   * How many of a launch there is room for, from `min` to `max`.
   * @throws ApiError when there is not room for enough
   */
  room(launch: Launch): number;
  /** For a new instance. */
  boot(instance: Instance): BootFate;
  /**
   * For an instance that has just started, or, with the id of a fault that has just been set, one that runs.
   * Undefined: Spot leaves it alone.
   */
  spotNotice(instance: Instance, fault?: string): SpotFate | undefined;
}
