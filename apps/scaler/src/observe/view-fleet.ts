import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetMemory } from '@labelfleet/contracts';
import type { FleetView, Worker } from '@labelfleet/scaling';
import type { CurrentInstruction } from '../memory/instructions.ts';
import { openLaunches } from '../memory/launch-intents.ts';
import type { FleetKnowledge, Heartbeat } from './fleet-knowledge.ts';

/**
 * The fleet as policies see it, made from EC2's listing, the workers' heartbeats and the scaler's instructions. The
 * tags in the listing are not used, because the listing may be old (F4).
 * @param startedAtMs when this scaler started to receive heartbeats
 * @param suspected ids of the workers that have been silent for a while (F7)
 */
export function viewFleet(
  listed: readonly FleetInstance[],
  heartbeats: FleetKnowledge['heartbeats'],
  memory: FleetMemory,
  startedAtMs: number,
  suspected: readonly string[],
): FleetView {
  const alive = listed.filter(({ state }) => state !== 'terminated');
  const { coming, refused } = openLaunches(memory, listed);
  return {
    workers: alive.map((instance) => {
      const id = instance.instanceId;
      const report = heartbeats.get(id);
      const ending = id in memory.terminates;
      const worker = viewWorker(instance, report, memory.instructions[id], ending, startedAtMs);
      return suspected.includes(id) ? suspect(worker, report) : worker;
    }),
    openLaunches: coming,
    refusedLaunches: refused,
  };
}

/** A worker as decisions see it. @param startedAtMs when this scaler started to listen */
export function viewWorker(
  instance: FleetInstance,
  report: Heartbeat | undefined,
  instruction: CurrentInstruction | undefined,
  ending: boolean,
  startedAtMs: number,
): Worker {
  const launchedAtMs = instance.launchedAt.getTime();
  const model = report?.event.model;
  const { template } = instance;
  const worker = {
    id: instance.instanceId,
    launchedAtMs,
    ...(model === undefined ? {} : { model }),
    ...(template === undefined ? {} : { template }),
  };
  const stops = instance.state === 'stopping' || instance.state === 'stopped';
  if (ending || stops || report?.event.type === 'stopped') {
    return { ...worker, state: 'leaving' };
  }
  const following = instruction?.kind;
  // A heartbeat under another instruction says nothing about the current one.
  const current = instruction === undefined || report?.event.instructionId === instruction.id;
  if (report === undefined || !current) {
    // A worker that ran before this scaler started may be working: unknown counts as busy (F7).
    const boots = report === undefined && !(running(instance) && launchedAtMs < startedAtMs);
    if (following === 'drain')
      return { ...worker, state: 'draining', instructed: true, ...(boots && { boots }) };
    if (boots) return { ...worker, state: 'booting' };
    return { ...worker, state: 'busy', ...(report === undefined && { unheard: true }) };
  }
  const { event, receivedAtMs } = report;
  if (event.state === 'working') {
    if (following === 'drain') return { ...worker, state: 'draining', instructed: true };
    const openChunks = event.jobs?.openChunks ?? 0;
    const chunks = openChunks > 0 ? { chunks: openChunks } : {};
    if (event.busySlots > 0) return { ...worker, ...chunks, state: 'busy' };
    const { idleSeconds } = event;
    return { ...worker, ...chunks, state: 'idle', idleSeconds, reportedAtMs: receivedAtMs };
  }
  if (following === 'drain') {
    return event.state === 'drained'
      ? { ...worker, state: 'drained' }
      : { ...worker, state: 'draining', instructed: true };
  }
  // It follows an instruction of an earlier scaler; without an instruction it drains because it is stopping.
  return following === undefined && event.instructionId !== undefined
    ? { ...worker, state: 'draining', instructed: false }
    : { ...worker, state: 'leaving' };
}

/** Its instruction does not matter, because it may never follow it. */
function suspect(worker: Worker, report: Heartbeat | undefined): Worker {
  if (worker.state === 'leaving') return worker;
  const { id, launchedAtMs, model, template } = worker;
  return {
    id,
    launchedAtMs,
    ...(model === undefined ? {} : { model }),
    ...(template === undefined ? {} : { template }),
    state: 'suspected',
    images: report?.event.busySlots ?? 0,
  };
}

const running = (instance: FleetInstance) => instance.state === 'running';
