import type { Instance } from './instance.ts';

/** The machine of a running instance. */
export interface Machine {
  /**
   * Asks it to end (once, however often it is called), and makes it end when the grace time of the last call
   * has run out. Its end is told to `onEnd`.
   */
  terminate(graceMs: number): void;
}

/** What gives an instance a machine. */
export interface InstanceHost {
  /**
   * Resolves when the instance runs.
   * @param onEnd told once when it has ended, by itself or terminated
   */
  start(instance: Instance, onEnd: () => void): Promise<Machine>;
}
