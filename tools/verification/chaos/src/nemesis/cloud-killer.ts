import type { Random } from '@labelfleet/testkit/random';
import { setTimeout as delay } from 'node:timers/promises';
import type { Planned } from '../plan/plan.ts';
import type { ManagedProcess } from '../stack/managed-process.ts';
import type { FaultLog } from '../watch/fault-log.ts';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';

const MAX_DOWN_MS = 1500;

interface CloudKillerParts {
  cloud: ManagedProcess;
  faults: Pick<FaultsClient, 'set'>;
  faultLog: Pick<FaultLog, 'read' | 'restarted'>;
  /** The local cloud forgets them when it is killed; they are set again. */
  backgroundFaults: readonly object[];
  random: Random;
}

/** Kills the local cloud and starts it again on its data, until the plan ends or the signal aborts. */
export async function killCloud(
  { cloud, faults, faultLog, backgroundFaults, random }: CloudKillerParts,
  planned: readonly Planned[],
  signal: AbortSignal,
): Promise<void> {
  const beganAt = performance.now();
  for (const { atMs } of planned) {
    const waitMs = beganAt + atMs - performance.now();
    await delay(Math.max(0, waitMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await faultLog.read();
    await cloud.kill({ step: null, holding: [], late: false });
    await delay(random.below(MAX_DOWN_MS));
    await cloud.start();
    faultLog.restarted();
    for (const fault of backgroundFaults) await faults.set(fault);
  }
}
