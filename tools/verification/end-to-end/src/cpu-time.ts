import { readFile } from 'node:fs/promises';

/** The kernel's clock ticks a second as /proc tells CPU time: USER_HZ, 100 on every Linux there is. */
const TICKS_PER_SECOND = 100;

/** The CPU time of this process and of those that it has started and that run, in milliseconds. */
export async function ownCpuMs(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const { user, system } = process.cpuUsage();
  const ofChildren = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(cpuMs));
  return (user + system) / 1000 + ofChildren.reduce((a, b) => a + b, 0);
}

/** The CPU time that a running process has used, its threads included, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc_pid_stat(5): utime and stime are fields 14 and 15; the command (field 2) may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[14 - 3]) + Number(fields[15 - 3])) * 1000) / TICKS_PER_SECOND;
}
