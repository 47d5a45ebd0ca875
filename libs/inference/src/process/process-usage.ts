import { readFileSync } from 'node:fs';

/** The resource usage of a process since its start. */
export interface Usage {
  /** CPU time of all threads, in user and system mode. */
  cpuMs: number;
  /** Memory in RAM and swap. */
  memoryBytes: number;
}

/** The kernel counts CPU time in hundredths of a second on every architecture (USER_HZ). */
const MS_PER_TICK = 10;

/**
 * Reads the resource usage of a process. Undefined if the process has ended, and on systems other than Linux, where
 * only MAX_ATTEMPT_SECONDS limits an image.
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

/** @param stat content of /proc/<pid>/stat; `status` of /proc/<pid>/status: proc(5) */
export function parseUsage(stat: string, status: string): Usage {
  // The program name, in parentheses, may contain spaces. Fields 14 and 15 are utime and stime.
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
