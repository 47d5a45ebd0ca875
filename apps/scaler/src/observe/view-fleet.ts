import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetView, Worker } from '@labelfleet/scaling';
import { openLaunches, type CurrentInstruction, type FleetMemory } from '../memory/fleet-memory.ts';
import type { FleetKnowledge, Report } from './fleet-knowledge.ts';

/**
 * The fleet as decisions see it, put together from EC2's listing, the workers' reports and what the scaler
 * told them. Tags that Describe shows decide nothing (F4).
 * @param startedAtMs when this scaler started to listen
 * @param suspected ids of the workers that have not been heard for a while (F7)
 */
export function viewFleet(
  listed: readonly FleetInstance[],
  reports: FleetKnowledge['reports'],
  memory: FleetMemory,
  startedAtMs: number,
  suspected: readonly string[],
): FleetView {
  const alive = listed.filter(({ state }) => state !== 'terminated');
  const { coming, refused } = openLaunches(memory, listed);
  return {
    workers: alive.map((instance) => {
      const id = instance.instanceId;
      const report = reports.get(id);
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
  report: Report | undefined,
  instruction: CurrentInstruction | undefined,
  ending: boolean,
  startedAtMs: number,
): Worker {
  const launchedAtMs = instance.launchedAt.getTime();
  const model = report?.event.model;
  const worker = {
    id: instance.instanceId,
    launchedAtMs,
    ...(model === undefined ? {} : { model }),
  };
  const stops = instance.state === 'stopping' || instance.state === 'stopped';
  if (ending || stops || report?.event.type === 'stopped') {
    return { ...worker, state: 'leaving' };
  }
  const following = instruction?.kind;
  // A report under another instruction says nothing about the current one.
  const current = instruction === undefined || report?.event.instructionId === instruction.id;
  if (report === undefined || !current) {
    // One that ran before this scaler did is at work for all it knows: unknown counts as busy (F7).
    const boots = report === undefined && !(running(instance) && launchedAtMs < startedAtMs);
    if (following === 'drain')
      return { ...worker, state: 'draining', instructed: true, ...(boots && { boots }) };
    return { ...worker, state: boots ? 'booting' : 'busy' };
  }
  const { event, receivedAtMs } = report;
  if (event.state === 'working') {
    if (following === 'drain') return { ...worker, state: 'draining', instructed: true };
    return event.busySlots === 0
      ? { ...worker, state: 'idle', idleSeconds: event.idleSeconds, reportedAtMs: receivedAtMs }
      : { ...worker, state: 'busy' };
  }
  if (following === 'drain') {
    return event.state === 'drained'
      ? { ...worker, state: 'drained' }
      : { ...worker, state: 'draining', instructed: true };
  }
  // By an instruction of an earlier scaler; without one it drains by itself, to stop.
  return following === undefined && event.instructionId !== undefined
    ? { ...worker, state: 'draining', instructed: false }
    : { ...worker, state: 'leaving' };
}

/** Whatever it was told: nobody knows whether it will do it. */
function suspect(worker: Worker, report: Report | undefined): Worker {
  if (worker.state === 'leaving') return worker;
  const { id, launchedAtMs, model } = worker;
  return {
    id,
    launchedAtMs,
    ...(model === undefined ? {} : { model }),
    state: 'suspected',
    images: report?.event.busySlots ?? 0,
  };
}

const running = (instance: FleetInstance) => instance.state === 'running';
