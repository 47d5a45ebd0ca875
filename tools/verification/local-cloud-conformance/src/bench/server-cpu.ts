import { readFileSync } from 'node:fs';

/** What /proc counts in: USER_HZ, which is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** CPU time that a process has used so far, user and system, in milliseconds. Linux only. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything, in parentheses: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
