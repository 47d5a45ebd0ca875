import type { FleetMemory } from '@labelfleet/contracts';
import type { Decision } from '@labelfleet/scaling';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';
import { decideTerminate } from './fleet-memory.ts';
import { instruct } from './instructions.ts';

/** Adds a decision's instructions and terminations to the memory. */
export function planInstructions(
  { resume, drain, terminate }: Pick<Decision, 'resume' | 'drain' | 'terminate'>,
  fleetMemory: FleetMemory,
  heartbeats: FleetKnowledge['heartbeats'],
  now: number,
  newNonce: () => string,
): FleetMemory {
  let memory = fleetMemory;
  const tell = (instanceId: string, kind: 'drain' | 'resume') => {
    const previousId = heartbeats.get(instanceId)?.event.instructionId;
    memory = instruct(memory, instanceId, kind, previousId, now, newNonce());
  };
  for (const instanceId of resume) tell(instanceId, 'resume');
  for (const instanceId of drain) tell(instanceId, 'drain');
  for (const instanceId of terminate) memory = decideTerminate(memory, instanceId);
  return memory;
}
