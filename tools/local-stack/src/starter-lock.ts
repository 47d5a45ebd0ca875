import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { startTimeOf } from './processes.ts';

const starterSchema = z.object({ pid: z.int(), startTime: z.string() });

/**
 * Locks a data folder for this process until the lock is disposed of. Replaces the lock of a starter that has ended.
 * @throws StartError if another starter uses the folder
 */
export async function takeStarterLock(path: string): Promise<AsyncDisposable> {
  const starter = await runningStarter(path);
  if (starter !== undefined) {
    throw new StartError(
      `A local stack is running with this data folder already (pid ${starter}). Stop it, or set LABELFLEET_DATA_DIR, PORT and LOCAL_CLOUD_PORT for a second one.`,
      EXIT.unavailable,
    );
  }
  const startTime = (await startTimeOf(process.pid)) ?? '';
  await rm(path, { force: true });
  await writeFile(path, JSON.stringify({ pid: process.pid, startTime }), { flag: 'wx' });
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function runningStarter(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { data } = starterSchema.safeParse(tryJson(text));
  if (data === undefined) return undefined;
  return (await startTimeOf(data.pid)) === data.startTime ? data.pid : undefined;
}

/** A starter that was killed may leave an incomplete file. */
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
