import type { FleetMemory } from './fleet-memory.ts';

/** Where the fleet's memory stands: whatever is written there is kept before the calls that follow. */
export interface MemoryKeeper {
  read(): FleetMemory;
  write(memory: FleetMemory): Promise<void>;
}

/** For one scaler alone, whose memory may end with it. */
export function inMemory(initial: FleetMemory): MemoryKeeper {
  let memory = initial;
  return {
    read: () => memory,
    async write(next) {
      memory = next;
    },
  };
}
