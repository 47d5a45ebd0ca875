import { parseStat } from '@labelfleet/testkit/cpu-time';
import { readdir, readFile } from 'node:fs/promises';

/** What a process is in the product. The first that is in the path of its script counts. */
export const ROLES = [
  'classifier',
  'local-cloud',
  'local-stack',
  'gateway',
  'worker',
  'scaler',
  'other',
] as const;
export type Role = (typeof ROLES)[number];

/** AWS takes the place of these, or they only start the others: their CPU time is not the product's. */
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
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process that has ended in the meantime cannot be read.
  const all = await Promise.all(pids.map((pid) => readUsage(Number(pid)).catch(() => undefined)));
  return descendantsOf(
    process.pid,
    all.filter((usage) => usage !== undefined),
  );
}

async function readUsage(pid: number): Promise<ProcessUsage> {
  const files = ['stat', 'status', 'cmdline'];
  const [stat = '', status = '', command = ''] = await Promise.all(
    files.map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
  );
  const { parent, cpuMs, endedChildrenCpuMs } = parseStat(stat);
  return {
    pid,
    parent,
    role: roleOf(command.split('\0')),
    cpuMs: cpuMs + endedChildrenCpuMs,
    peakRssMb: parsePeakRssMb(status),
  };
}

/** Parses VmHWM of /proc/PID/status. A zombie has none: 0. */
export const parsePeakRssMb = (status: string): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;

/**
 * Finds the role in the last three parts of the script's path, because a folder above may have any name. Scripts of
 * --import come before it.
 */
export function roleOf(command: readonly string[]): Role {
  const script = command.findLast((part) => /\.[cm]?[jt]s$/.test(part)) ?? '';
  const path = script.split('/').slice(-3).join('/').replace('emulator', 'local-cloud');
  return ROLES.find((role) => path.includes(role)) ?? 'other';
}

export function descendantsOf(root: number, all: readonly ProcessUsage[]): ProcessUsage[] {
  const children = all.filter(({ parent }) => parent === root);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}
