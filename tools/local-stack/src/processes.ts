import { readdir, readFile } from 'node:fs/promises';
import { STACK_MARKER } from './app-environments.ts';

export interface StackProcess {
  pid: number;
  /** Its script's path, or its command. */
  name: string;
  /** Clock ticks since boot: with the pid, it names this very process. */
  startTime: string;
}

/**
 * The running processes of the stack with this data folder, workers included: those that carry its mark in
 * their environment. This process is not among them. Empty where there is no /proc (only Linux has it).
 */
export async function stackProcesses(dataDir: string): Promise<StackProcess[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => inspect(Number(pid), dataDir)));
  return found.filter((process) => process !== undefined);
}

/** When a process was started; undefined where there is no such process (any more). */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): the command (field 2) may hold anything, so the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isZombie = fields[0] === 'Z';
  return isZombie ? undefined : fields[22 - 3];
}

async function inspect(pid: number, dataDir: string): Promise<StackProcess | undefined> {
  if (pid === process.pid) return undefined;
  const environment = await readProc(pid, 'environ');
  if (environment?.split('\0').includes(`${STACK_MARKER}=${dataDir}`) !== true) return undefined;
  const startTime = await startTimeOf(pid);
  const command = (await readProc(pid, 'cmdline'))?.split('\0') ?? [];
  const name = command.findLast((part) => /\.m?[jt]s$/.test(part)) ?? command[0] ?? '';
  return startTime === undefined ? undefined : { pid, name, startTime };
}

/** Undefined: the process is gone or another user's. */
const readProc = (pid: number, file: string): Promise<string | undefined> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => undefined);
