import { readdirSync, readFileSync } from 'node:fs';

import * as z from 'zod';

/** Identifies a process even if another process gets its PID later. */
export const processIdentity = z.object({
  pid: z.int(),
  /** The start time in clock ticks since the machine's boot; field 22 of /proc/PID/stat. */
  startTime: z.string(),
});

export type ProcessIdentity = z.output<typeof processIdentity>;

/** Undefined if there is no such process (a zombie does not count), or no /proc. */
export function identify(pid: number): ProcessIdentity | undefined {
  const [state, ...fields] = statOf(pid);
  const startTime = fields[18];
  if (state === undefined || state === 'Z' || state === 'X' || startTime === undefined) {
    return undefined;
  }
  return { pid, startTime };
}

/**
 * Finds the leader of the process group that was started with this variable in its environment (`NAME=value`).
 * Undefined if there is none, or no /proc.
 */
export function findGroupLeader(variable: string): ProcessIdentity | undefined {
  for (const pid of processIds()) {
    const isLeader = Number(statOf(pid)[2]) === pid;
    if (isLeader && readIfThere(`/proc/${pid}/environ`)?.split('\0').includes(variable) === true) {
      return identify(pid);
    }
  }
  return undefined;
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return []; // no /proc
  }
}

/** Returns the fields from the third (the state) on. The second, a name in parentheses, may contain any character. */
function statOf(pid: number): string[] {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such process, or it ended while it was read
  }
}
