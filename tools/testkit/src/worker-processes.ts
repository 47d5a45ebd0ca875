import { isAlive, processIdentity } from '@labelfleet/local-cloud/process-identity';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** How the local cloud remembers the process of an instance. */
const recordSchema = z.object({ identity: processIdentity });

/** How the local cloud names the access key of an instance. */
export const accessKeyOf = (instanceId: string): string =>
  `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;

/** The process of an instance. Undefined: it has none (any more). */
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
