import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { EventOf, Happening, Role } from '../history/event.ts';
import type { History } from '../history/history.ts';

/** What tells something, by role; errors tell something anyway. */
const TELLING: Record<Role, readonly string[]> = {
  gateway: ['accepted', 'refused'],
  worker: [
    'ready',
    'answered',
    'start recorded',
    'start withdrawn',
    'not started: it has been, often enough',
    'cut short',
    'attempt failed',
    'given back',
    'worker state',
    'stopping',
    'stopped',
  ],
  scaler: ['this scaler acts', 'a worker cannot be heard: it is terminated'],
  'local-cloud': ['instance terminated'],
};

const text = z.string().optional().catch(undefined);
const lineSchema = z.object({
  level: z.string(),
  time: z.iso.datetime(),
  msg: z.string(),
  requestId: text,
  instanceId: text,
  imageKey: text,
  state: text,
  reason: text,
  status: text,
  label: text,
  problem: text,
  worker: text,
  attempts: z.int().optional().catch(undefined),
  receiveCount: z.int().optional().catch(undefined),
  error: z.object({ message: z.string() }).optional().catch(undefined),
});

/** Notes the lines of all logs in a folder: `<process>.<run>.log`, or `<instance id>.log`. */
export async function collectLogs(folder: string, history: Pick<History, 'note'>): Promise<void> {
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.log'))) {
    const name = file.split('.')[0] ?? '';
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
    for (const line of lines) {
      const told = readLine(name, line);
      if (told !== undefined) history.note(told.happening, told.at);
    }
  }
}

/** Undefined: it tells nothing, or is none of the app's own lines, as the half of one that was killed. */
export function readLine(
  name: string,
  line: string,
): { happening: Happening & { kind: 'log' }; at: number } | undefined {
  const parsed = lineSchema.safeParse(jsonOrUndefined(line));
  if (!parsed.success) return undefined;
  const { time, level, msg, error, ...told } = parsed.data;
  const role = roleOf(name);
  if (!TELLING[role].includes(msg) && level !== 'error' && level !== 'fatal') return undefined;
  const reason = told.reason ?? error?.message;
  const happening: Omit<EventOf<'log'>, 'at'> = {
    kind: 'log',
    role,
    name,
    level,
    msg,
    ...told,
    reason,
  };
  return { happening, at: Date.parse(time) };
}

function roleOf(name: string): Role {
  if (name.startsWith('i-')) return 'worker';
  if (name.startsWith('gateway')) return 'gateway';
  return name.startsWith('scaler') ? 'scaler' : 'local-cloud';
}

function jsonOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
