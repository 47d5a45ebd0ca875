import type { Worker as WorkerView } from '@labelfleet/scaling';
import type { Instruction, Worker } from '../engine/worker.ts';
import type { Report } from './reports.ts';

/**
 * A worker as the scaler sees it, by the rules of its view of the fleet: from the listing, the newest report,
 * and what the worker was told.
 * @param told the current instruction, whether or not the worker has read it
 * @param ending the scaler has decided to terminate it
 */
export function viewWorker(
  worker: Worker,
  report: Report | undefined,
  told: Instruction | undefined,
  ending: boolean,
): WorkerView {
  const common = { id: workerId(worker), launchedAtMs: Math.floor(worker.launchedAt) * 1000 };
  if (ending || worker.state === 'ended') return { ...common, state: 'leaving' };
  const drains = told?.kind === 'drain';
  const current = told === undefined || report?.instructionId === told.id;
  if (report === undefined || !current) {
    const boots = report === undefined;
    if (drains) return { ...common, state: 'draining', instructed: true, ...(boots && { boots }) };
    return { ...common, state: boots ? 'booting' : 'busy' };
  }
  if (report.state === 'working') {
    if (drains) return { ...common, state: 'draining', instructed: true };
    if (report.busy) return { ...common, state: 'busy' };
    const { idleSeconds, receivedAtSeconds } = report;
    return { ...common, state: 'idle', idleSeconds, reportedAtMs: receivedAtSeconds * 1000 };
  }
  if (drains)
    return report.state === 'drained'
      ? { ...common, state: 'drained' }
      : { ...common, state: 'draining', instructed: true };
  // By itself, to stop.
  return { ...common, state: 'leaving' };
}

export const workerId = ({ index }: Worker): string => `i-${String(index).padStart(8, '0')}`;
