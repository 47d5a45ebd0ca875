import { readFile } from 'node:fs/promises';

/**
 * Field n of /proc/PID/stat, counted from 1 as in proc_pid_stat(5); from field 3 (the state) on.
 * @throws Error if there is no such process
 */
export const readProcessStat = async (pid: number): Promise<(field: number) => string> =>
  statFields(await readFile(`/proc/${pid}/stat`, 'utf8'));

/** @param stat the content of /proc/PID/stat */
export function statFields(stat: string): (field: number) => string {
  // The command (field 2) may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (field) => fields[field - 3] ?? '';
}
