import type { Instance } from './instance.ts';

/** The machine of a running instance. */
export interface Machine {
  /**
   * Sends SIGTERM (once, however often it is called), and SIGKILL when the grace time of the last call is over. `onEnd`
   * reports the end.
   */
  terminate(graceMs: number): void;
  /** Kills it at once. */
  kill(): void;
}

/** @param how how it ended, such as `ended with exit code 78`; undefined if unknown */
export type OnEnd = (how: string | undefined) => void;

/** Starts machines for instances. */
export interface InstanceHost {
  /** Resolves when the instance runs. @param onEnd called once when its process has exited or was terminated */
  start(instance: Instance, onEnd: OnEnd): Promise<Machine>;
  /** Returns the machine that an earlier process started for the instance; undefined if it does not run any more. */
  find(instance: Instance, onEnd: OnEnd): Promise<Machine | undefined>;
  /**
   * Ends the machines that an earlier process left running, except those of wanted instances.
   * @returns the ids of the instances whose machines were ended
   */
  endLeftovers(isWanted: (instanceId: string) => boolean): Promise<string[]>;
}
