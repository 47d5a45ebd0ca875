import { viewWorker as viewInstance } from '@labelfleet/scaler/protocol';
import type { Worker as WorkerView } from '@labelfleet/scaling';
import type { Instruction, Worker } from '../engine/worker.ts';
import type { Report } from './reports.ts';

const PLACE = { instanceType: '', subnetId: '', market: 'on-demand', tags: {} } as const;

/** The scaler's own view of a simulated worker. @param ending the scaler has decided to terminate it */
export function viewWorker(
  worker: Worker,
  report: Report | undefined,
  instruction: Instruction | undefined,
  ending: boolean,
): WorkerView {
  const instance = {
    ...PLACE,
    instanceId: workerId(worker),
    state: worker.state === 'ended' ? ('stopping' as const) : ('running' as const),
    launchedAt: launchTime(worker),
  };
  const current = instruction && { ...instruction, setAtMs: null };
  // The scaler of a run has listened since before the first launch.
  return viewInstance(instance, report, current, ending, -Infinity);
}

export const workerId = ({ index }: Worker): string => `i-${String(index).padStart(8, '0')}`;

/** EC2's LaunchTime has whole seconds. */
export const launchTime = ({ launchedAt }: Worker): Date => new Date(Math.floor(launchedAt) * 1000);
