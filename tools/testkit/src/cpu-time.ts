import { readFile } from 'node:fs/promises';

/** Clock ticks per second of CPU times in /proc: USER_HZ, which is 100 on all Linux systems. */
const TICKS_PER_SECOND = 100;

/** The CPU time of this process and its running children, in milliseconds. */
export async function ownCpuMs(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const { user, system } = process.cpuUsage();
  const ofChildren = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(cpuMs));
  return (user + system) / 1000 + ofChildren.reduce((a, b) => a + b, 0);
}

/** The CPU time of a running process with all its threads, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc_pid_stat(5): utime and stime are fields 14 and 15; the command (field 2) may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[14 - 3]) + Number(fields[15 - 3])) * 1000) / TICKS_PER_SECOND;
}
