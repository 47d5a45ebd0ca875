import { readFile } from 'node:fs/promises';

import { readProcessStat } from './process-stat.ts';

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
  const stat = await readProcessStat(pid);
  return ((Number(stat(14)) + Number(stat(15))) * 1000) / TICKS_PER_SECOND;
}
