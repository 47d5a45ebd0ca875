import { isAlive, processIdentity } from '@labelfleet/local-cloud/process-identity';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonOrUndefined } from './json.ts';

/** The local cloud's file about the process of an instance. */
const recordSchema = z.object({ identity: processIdentity });

/** The access key that the local cloud gives an instance. */
export const accessKeyOf = (instanceId: string): string =>
  `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;

/** The pid of an instance's process. Undefined if none runs. */
export async function workerPid(cloudDir: string, instanceId: string): Promise<number | undefined> {
  const text = await readFile(join(cloudDir, 'processes', instanceId), 'utf8').catch(() => '');
  const record = recordSchema.safeParse(jsonOrUndefined(text));
  if (!record.success) return undefined;
  const { identity } = record.data;
  return isAlive(identity) ? identity.pid : undefined;
}
