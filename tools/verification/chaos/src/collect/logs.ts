import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonOrUndefined } from '@labelfleet/testkit/json';
import * as z from 'zod';
import { logFields, type Happening, type Role } from '../history/event.ts';
import type { History } from '../history/history.ts';

const lineSchema = z.object({
  ...logFields,
  time: z.iso.datetime(),
  error: z.object({ message: z.string() }).optional().catch(undefined),
});

/** Adds the lines of all logs in a folder to the history. Names are `<process>.<run>.log`, or `<instance id>.log`. */
export async function collectLogs(folder: string, history: Pick<History, 'note'>): Promise<void> {
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.log'))) {
    const name = file.split('.')[0] ?? '';
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
    for (const line of lines) {
      const read = readLine(name, line);
      if (read !== undefined) history.note(read.happening, read.at);
    }
  }
}

/** Undefined: the line has no event and is no error, or it is not a whole JSON line of the app's logger. */
export function readLine(
  name: string,
  line: string,
): { happening: Happening & { kind: 'log' }; at: number } | undefined {
  const parsed = lineSchema.safeParse(jsonOrUndefined(line));
  if (!parsed.success) return undefined;
  const { time, error, ...fields } = parsed.data;
  const isError = fields.level === 'error' || fields.level === 'fatal';
  if (fields.event === undefined && !isError) return undefined;
  const reason = fields.reason ?? error?.message;
  return {
    happening: { kind: 'log', role: roleOf(name), name, ...fields, reason },
    at: Date.parse(time),
  };
}

function roleOf(name: string): Role {
  if (name.startsWith('i-')) return 'worker';
  if (name.startsWith('gateway')) return 'gateway';
  return name.startsWith('scaler') ? 'scaler' : 'local-cloud';
}
