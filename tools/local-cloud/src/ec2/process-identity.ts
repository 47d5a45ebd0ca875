import { readFileSync } from 'node:fs';

import * as z from 'zod';

/** A process that cannot be mistaken for another one that got its number later. */
export const processIdentity = z.object({
  pid: z.int(),
  /** In clock ticks since the machine's boot; field 22 of /proc/PID/stat. */
  startTime: z.string(),
});

export type ProcessIdentity = z.output<typeof processIdentity>;

/** Undefined: there is no such process (a zombie is none), or no /proc to tell. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name, second, is in parentheses and may hold anything; the third field is the state.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const startTime = fields[18];
  if (state === undefined || state === 'Z' || state === 'X' || startTime === undefined) {
    return undefined;
  }
  return { pid, startTime };
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
