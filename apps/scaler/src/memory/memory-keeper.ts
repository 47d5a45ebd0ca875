import type { FleetMemory } from '@labelfleet/contracts';

/** Where the fleet's memory stands. */
export interface MemoryKeeper {
  read(): FleetMemory;
  /**
   * `written`: it stands from now on, whatever happens to this scaler, and what it announces may be done.
   * `not-written`: nothing of it counts, and nothing of it may be done.
   */
  write(memory: FleetMemory): Promise<'written' | 'not-written'>;
  /** For what came of a call: it stands with the next write, and being lost on the way does no harm. */
  note(memory: FleetMemory): void;
}

/** For a scaler that does nothing that must not be forgotten. */
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
  };
}
