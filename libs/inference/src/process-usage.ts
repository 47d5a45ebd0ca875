import { readFileSync } from 'node:fs';

/** What a process has taken so far. */
export interface Usage {
  /** Time of all its threads on a processor, in user and system mode. */
  cpuMs: number;
  /** In RAM and swap. */
  memoryBytes: number;
}

/** The kernel counts processor time in hundredths of a second for every architecture (USER_HZ). */
const MS_PER_TICK = 10;

/**
 * Reads what a process has taken. Undefined when the process is gone, and everywhere but on Linux: there an
 * image is limited by MAX_ATTEMPT_SECONDS alone.
 */
export function readUsage(pid: number): Usage | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return parseUsage(
      readFileSync(`/proc/${pid}/stat`, 'latin1'),
      readFileSync(`/proc/${pid}/status`, 'latin1'),
    );
  } catch (error) {
    // ESRCH: the process ended between opening and reading.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** @param stat and `status` are the files of these names under /proc/<pid>: proc(5) */
export function parseUsage(stat: string, status: string): Usage {
  // The name of the program, in parentheses, may hold spaces. Fields 14 and 15 are utime and stime.
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ', 13)
    .slice(11);
  const kilobytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return {
    cpuMs: (Number(utime) + Number(stime)) * MS_PER_TICK,
    memoryBytes: (kilobytes('VmRSS') + kilobytes('VmSwap')) * 1024,
  };
}

export const usedBetween = (before: Usage, now: Usage): Usage => ({
  cpuMs: now.cpuMs - before.cpuMs,
  memoryBytes: now.memoryBytes - before.memoryBytes,
});
