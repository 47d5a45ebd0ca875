import { readFile } from 'node:fs/promises';
import { statFields } from './process-stat.ts';

/** Clock ticks per second of CPU times in /proc: USER_HZ, which is 100 on all Linux systems. */
const TICKS_PER_SECOND = 100;

/** The CPU time of a running process with all its threads, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8')).cpuMs;
}

/** Parses the content of /proc/PID/stat. CPU times are user and system time together. */
export function parseStat(stat: string) {
  const field = statFields(stat);
  const ms = (user: number, system: number) =>
    ((Number(field(user)) + Number(field(system))) * 1000) / TICKS_PER_SECOND;
  return { parent: Number(field(4)), cpuMs: ms(14, 15), endedChildrenCpuMs: ms(16, 17) };
}
