import { until } from '@labelfleet/testkit/until';
import { stackProcesses } from '@labelfleet/local-stack/processes';
import { whatIsLeft, type Resting } from './collect/left.ts';
import type { History } from './history/history.ts';
import type { Client } from './load/client.ts';
import type { Stack } from './stack/stack.ts';

const REST_MS = 180_000;
const STOP_MS = 60_000;

/** Waits until no message and no instance is left; what is left after all notes itself. */
export async function comeToRest(
  resting: Resting,
  history: History,
  stop: AbortSignal,
): Promise<void> {
  let left: string[] = [];
  const atRest = async () => {
    left = await whatIsLeft(resting).catch((error: unknown) => [String(error)]);
    return left.length === 0 || stop.aborted;
  };
  await until('all is at rest', atRest, { timeoutMs: REST_MS }).catch(() => undefined);
  for (const what of left) history.note({ kind: 'left', what });
}

/** Every request is asked for once more: any gateway can tell, after any restart. */
export async function askAgain(client: Client, history: History, stop: AbortSignal): Promise<void> {
  const requests = new Map(
    history.events.flatMap((event) => {
      if (event.kind !== 'answered' || !(event.body instanceof Object)) return [];
      return 'id' in event.body && typeof event.body.id === 'string'
        ? [[event.body.id, event.offer] as const]
        : [];
    }),
  );
  for (const [requestId, offer] of requests) await client.askOnce(offer, requestId, stop);
}

export async function stopAll(stack: Stack, dataDir: string, history: History): Promise<void> {
  const { gateways, scalers, cloud } = stack;
  const leave = (what: string) => history.note({ kind: 'left', what });
  await Promise.all(
    [...gateways, ...scalers].map(async (each) => {
      if (!(await each.stop(STOP_MS))) leave(`process ${each.name}`);
    }),
  );
  if (!(await cloud.stop(STOP_MS))) leave(`process ${cloud.name}`);
  for (const { name, pid } of await stackProcesses(dataDir)) leave(`process ${pid} ${name}`);
}
