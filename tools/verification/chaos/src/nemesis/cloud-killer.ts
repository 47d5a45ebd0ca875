import { sleep } from '@labelfleet/runtime';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { Random } from '@labelfleet/testkit/random';
import { ANYWHERE } from '../history/event.ts';
import type { Planned } from '../plan/plan.ts';
import type { ManagedProcess } from '../stack/managed-process.ts';
import type { FaultLog } from '../watch/fault-log.ts';

const MAX_DOWN_MS = 1500;

interface CloudKillerDeps {
  cloud: ManagedProcess;
  faults: Pick<FaultsClient, 'set'>;
  faultLog: Pick<FaultLog, 'read' | 'restarted'>;
  /** The local cloud forgets them when it is killed; they are set again. */
  backgroundFaults: readonly object[];
  random: Random;
}

/** Kills the local cloud and starts it again on its data, until the plan ends or the signal aborts. */
export async function killCloud(
  { cloud, faults, faultLog, backgroundFaults, random }: CloudKillerDeps,
  planned: readonly Planned[],
  signal: AbortSignal,
): Promise<void> {
  const beganAt = performance.now();
  for (const { atMs } of planned) {
    await sleep(Math.max(0, beganAt + atMs - performance.now()), signal);
    if (signal.aborted) return;
    await faultLog.read();
    await cloud.kill(ANYWHERE);
    await sleep(random.below(MAX_DOWN_MS));
    await cloud.start();
    faultLog.restarted();
    for (const fault of backgroundFaults) await faults.set(fault);
  }
}
