import { setTimeout as delay } from 'node:timers/promises';
import { stackProcesses, startTimeOf, type StackProcess } from './processes.ts';

/** The time from SIGTERM to SIGKILL. */
const GRACE_MS = 5000;
const POLL_MS = 50;

/**
 * Ends the processes of an earlier stack with this data folder that its starter left running.
 * @param graceMs the time to stop before they are killed; 0 kills them at once
 * @returns the processes that were ended
 */
export async function endLeftovers(dataDir: string, graceMs = GRACE_MS): Promise<StackProcess[]> {
  const ended = await stackProcesses(dataDir);
  await send(graceMs > 0 ? 'SIGTERM' : 'SIGKILL', ended);
  const deadline = performance.now() + graceMs;
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
    // Another process may have the pid by now.
    if ((await startTimeOf(pid)) !== startTime) continue;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}
