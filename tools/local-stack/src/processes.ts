import { readdir, readFile } from 'node:fs/promises';
import { STACK_MARKER } from './app-environments.ts';

export interface StackProcess {
  pid: number;
  /** The path of its script, or its command. */
  name: string;
  /** Clock ticks from the boot of the machine. A process is identified by its pid and this time. */
  startTime: string;
}

/**
 * Returns the running processes of the stack with this data folder, workers included, but not this process. They have
 * STACK_MARKER in their environment. On systems other than Linux, which have no /proc, the list is empty.
 */
export async function stackProcesses(dataDir: string): Promise<StackProcess[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => inspect(Number(pid), dataDir)));
  return found.filter((process) => process !== undefined);
}

/** Returns the start time of a process; undefined if it has ended. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): the command (field 2) may contain anything, so the fields are counted from its end.
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

/** Resolves with undefined if the process has ended or belongs to another user. */
const readProc = (pid: number, file: string): Promise<string | undefined> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => undefined);
