import { makeInstructionId, type FleetMemory, type Instruction } from '@labelfleet/contracts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

/** The newest instruction to an instance. It is written into the lease before the tag is set (F4). */
export type CurrentInstruction = FleetMemory['instructions'][string];

/** @param previousId the id of the newest known instruction of the instance */
export function instruct(
  memory: FleetMemory,
  instanceId: string,
  kind: Instruction['kind'],
  previousId: string | undefined,
  now: number,
  nonce: string,
): FleetMemory {
  const id = makeInstructionId(memory.instructions[instanceId]?.id ?? previousId, now, nonce);
  const current: CurrentInstruction = { kind, id, setAtMs: null };
  return { ...memory, instructions: { ...memory.instructions, [instanceId]: current } };
}

/** Records that the tag with the instruction has been set. */
export function instructionSet(memory: FleetMemory, instanceId: string, now: number): FleetMemory {
  const current = memory.instructions[instanceId];
  if (current === undefined) return memory;
  const set = { ...current, setAtMs: now };
  return { ...memory, instructions: { ...memory.instructions, [instanceId]: set } };
}

/**
 * How soon an instruction is set again if the worker's heartbeat names another one: a worker reads its tags every 2
 * s and sends a heartbeat every 3 s.
 */
const RESEND_INSTRUCTION_MS = 5000;

/** The instructions to set now: those never set, and those that their worker does not follow yet (F5). */
export function instructionsDue(
  memory: FleetMemory,
  heartbeats: FleetKnowledge['heartbeats'],
): { instanceId: string; instruction: CurrentInstruction }[] {
  return Object.entries(memory.instructions)
    .filter(([instanceId, { id, setAtMs }]) => {
      if (instanceId in memory.terminates) return false;
      if (setAtMs === null) return true;
      const report = heartbeats.get(instanceId);
      if (report === undefined || report.event.instructionId === id) return false;
      return report.receivedAtMs - setAtMs >= RESEND_INSTRUCTION_MS;
    })
    .map(([instanceId, instruction]) => ({ instanceId, instruction }));
}
