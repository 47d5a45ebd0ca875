import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonOrUndefined } from './json.ts';
import { readProcessStat } from './process-stat.ts';

/** The local cloud's file about the process of an instance. */
const recordSchema = z.object({ identity: z.object({ pid: z.int(), startTime: z.string() }) });

/** The access key that the local cloud gives an instance. */
export const accessKeyOf = (instanceId: string): string =>
  `ASIALOCAL${instanceId.slice(-8).toUpperCase()}`;

/** Where a worker serves its metrics: the port is any, so its log says which. Undefined until it serves them. */
export async function workerMetricsUrl(
  cloudDir: string,
  instanceId: string,
): Promise<string | undefined> {
  const log = await readFile(join(cloudDir, 'logs', `${instanceId}.log`), 'utf8').catch(() => '');
  return /"event":"metrics.listening","address":"([^"]+)"/.exec(log)?.[1];
}

/** The pid of an instance's process. Undefined if none runs. */
export async function workerPid(cloudDir: string, instanceId: string): Promise<number | undefined> {
  const text = await readFile(join(cloudDir, 'processes', instanceId), 'utf8').catch(() => '');
  const record = recordSchema.safeParse(jsonOrUndefined(text));
  if (!record.success) return undefined;
  const { pid, startTime } = record.data.identity;
  const stat = await readProcessStat(pid).catch(() => undefined);
  const ended = stat === undefined || ['Z', 'X'].includes(stat(3)); // a zombie has ended, too
  // Another process that got the pid later has another start time.
  return ended || stat(22) !== startTime ? undefined : pid;
}
