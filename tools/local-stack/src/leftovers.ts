import { setTimeout as delay } from 'node:timers/promises';
import { stackProcesses, startTimeOf, type StackProcess } from './processes.ts';

/** What is stopped at most so long before it is killed. */
const GRACE_MS = 5000;
const POLL_MS = 50;

/**
 * Ends what is still running of an earlier stack with this data folder, whose starter did not get to it.
 * @returns what was ended
 */
export async function endLeftovers(dataDir: string): Promise<StackProcess[]> {
  const ended = await stackProcesses(dataDir);
  await send('SIGTERM', ended);
  const deadline = performance.now() + GRACE_MS;
  let left = ended;
  while (left.length > 0) {
    await delay(POLL_MS);
    left = await stackProcesses(dataDir);
    if (performance.now() > deadline) await send('SIGKILL', left);
  }
  return ended;
}

async function send(signal: NodeJS.Signals, processes: readonly StackProcess[]): Promise<void> {
  for (const { pid, startTime } of processes) {
    // Its pid may have gone to another process since.
    if ((await startTimeOf(pid)) !== startTime) continue;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}
