import type { FleetMemory } from '@labelfleet/contracts';

/** Stores the fleet's memory. */
export interface MemoryKeeper {
  read(): FleetMemory;
  /**
   * `written`: the memory is stored, whatever happens to this scaler, and what it announces may be done.
   * `not-written`: nothing of it is valid or may be done.
   */
  write(memory: FleetMemory): Promise<'written' | 'not-written'>;
  /** Records the outcome of a call. It is stored with the next write; losing it before that is harmless. */
  note(memory: FleetMemory): void;
  /** Says whether there is nothing to do, so that the memory may be stored less often. */
  idle(idle: boolean): void;
}

/** A memory for a dry run, which does nothing that must be stored. */
export function inMemory(initial: FleetMemory): MemoryKeeper {
  let memory = initial;
  return {
    read: () => memory,
    async write(next) {
      memory = next;
      return 'written';
    },
    note(next) {
      memory = next;
    },
    idle: () => undefined,
  };
}
