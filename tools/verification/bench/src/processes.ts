import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks per second of CPU times in /proc: USER_HZ, which is 100 on all Linux systems. */
const TICKS_PER_SECOND = 100;

/** What a process is in the product. `other` is a process of the bench or of a peer that has none of these names. */
export const ROLES = [
  'gateway',
  'worker',
  'classifier',
  'scaler',
  'local-cloud',
  'local-stack',
  'other',
] as const;
export type Role = (typeof ROLES)[number];

/** The processes that AWS would replace, or that only start the others: their CPU time is not the product's. */
export const NOT_COUNTED: ReadonlySet<Role> = new Set(['local-cloud', 'local-stack']);

export interface ProcessUsage {
  pid: number;
  parent: number;
  role: Role;
  /** User and system time of the process and of its children that have ended. */
  cpuMs: number;
  peakRssMb: number;
}

/** The usage of all running processes below this one. */
export async function ownDescendants(): Promise<ProcessUsage[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(readUsage))).filter((usage) => usage !== undefined);
  return descendantsOf(process.pid, all);
}

/** Undefined if the process has ended. */
async function readUsage(pid: number): Promise<ProcessUsage | undefined> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8');
  try {
    const [stat, status, command] = await Promise.all([
      read('stat'),
      read('status'),
      read('cmdline'),
    ]);
    return {
      pid,
      ...parseStat(stat),
      peakRssMb: parsePeakRssMb(status),
      role: roleOf(command.split('\0')),
    };
  } catch {
    return undefined;
  }
}

/** Parses /proc/PID/stat, described in proc_pid_stat(5). */
export function parseStat(stat: string): { parent: number; cpuMs: number } {
  // The command (field 2) may contain any character, so the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  // utime, stime, cutime and cstime
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { parent: field(4), cpuMs: (ticks * 1000) / TICKS_PER_SECOND };
}

/** Parses VmHWM of /proc/PID/status. A kernel thread or a zombie has none: 0. */
export function parsePeakRssMb(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

/**
 * Finds the role in the last three parts of the script's path, because a folder above may have any name. Scripts of
 * --import come before it.
 */
export function roleOf(command: readonly string[]): Role {
  const script = command.findLast((part) => /\.[cm]?[jt]s$/.test(part)) ?? '';
  const path = script.split('/').slice(-3).join('/');
  if (path.includes('emulator')) return 'local-cloud';
  const inOrder: Role[] = [
    'classifier',
    'local-cloud',
    'local-stack',
    'gateway',
    'worker',
    'scaler',
  ];
  return inOrder.find((role) => path.includes(role)) ?? 'other';
}

export function descendantsOf(root: number, all: readonly ProcessUsage[]): ProcessUsage[] {
  const children = all.filter(({ parent }) => parent === root);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}
