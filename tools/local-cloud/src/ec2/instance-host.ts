import type { Instance } from './instance.ts';

/** The machine of a running instance. */
export interface Machine {
  /**
   * Asks it to end (once, however often it is called), and makes it end when the grace time of the last call
   * has run out. Its end is told to `onEnd`.
   */
  terminate(graceMs: number): void;
  /** Ends it at once. */
  kill(): void;
}

/** @param how it ended, such as `ended with exit code 78`; undefined where that is not known */
export type OnEnd = (how: string | undefined) => void;

/** What gives an instance a machine. */
export interface InstanceHost {
  /** Resolves when the instance runs. @param onEnd told once when it has ended, by itself or terminated */
  start(instance: Instance, onEnd: OnEnd): Promise<Machine>;
  /** The machine that an earlier process gave the instance, if it still runs; undefined if not. */
  find(instance: Instance, onEnd: OnEnd): Promise<Machine | undefined>;
  /**
   * Ends the machines that an earlier process has left, but for those of the instances that are wanted.
   * @returns whose machines have been ended
   */
  endLeftovers(isWanted: (instanceId: string) => boolean): Promise<string[]>;
}
