import { readFile } from 'node:fs/promises';

/** Clock ticks per second of CPU times in /proc: USER_HZ, which is 100 on all Linux systems. */
const TICKS_PER_SECOND = 100;

/** The CPU time of a running process with all its threads, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8')).cpuMs;
}

/** Parses /proc/PID/stat, described in proc_pid_stat(5). CPU times are user and system time together. */
export function parseStat(stat: string) {
  // The command (field 2) may contain any character, so the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ms = (ticks: number) => (ticks * 1000) / TICKS_PER_SECOND;
  return {
    parent: field(4),
    cpuMs: ms(field(14) + field(15)),
    endedChildrenCpuMs: ms(field(16) + field(17)),
  };
}
