import { isAlive, processIdentity } from '@labelfleet/local-cloud/process-identity';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** The local cloud's file about the process of an instance. */
const recordSchema = z.object({ identity: processIdentity });

/** The access key that the local cloud gives an instance. */
export const accessKeyOf = (instanceId: string): string =>
  `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;

/** The pid of an instance's process. Undefined if none runs. */
export async function workerPid(cloudDir: string, instanceId: string): Promise<number | undefined> {
  const record = recordSchema.safeParse(await readJson(join(cloudDir, 'processes', instanceId)));
  if (!record.success) return undefined;
  const { identity } = record.data;
  return isAlive(identity) ? identity.pid : undefined;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
