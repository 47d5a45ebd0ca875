import { stackProcesses } from '@labelfleet/local-stack/processes';
import { until } from '@labelfleet/testkit/until';
import { eventsOf } from './history/event.ts';
import type { History } from './history/history.ts';
import type { Client } from './load/client.ts';
import type { Stack } from './stack/stack.ts';
import type { Seen } from './watch/watch-stack.ts';

const IDLE_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;

/** Waits until no message and no instance is left, and notes what is left at the timeout. */
export async function waitUntilIdle(
  seen: Pick<Seen, 'left'>,
  history: History,
  stop: AbortSignal,
): Promise<void> {
  let left: string[] = [];
  const isIdle = async () => {
    left = await seen.left().catch((error: unknown) => [String(error)]);
    return left.length === 0 || stop.aborted;
  };
  await until('the product is idle', isIdle, { timeoutMs: IDLE_TIMEOUT_MS }).catch(() => undefined);
  for (const what of left) history.note({ kind: 'left', what });
}

/** Reads every request once more: any gateway must know it, after any restart. */
export async function askAgain(client: Client, history: History, stop: AbortSignal): Promise<void> {
  const requests = new Map(
    eventsOf('answered', history.events).flatMap(({ body, offer }) =>
      body instanceof Object && 'id' in body && typeof body.id === 'string'
        ? [[body.id, offer] as const]
        : [],
    ),
  );
  for (const [requestId, offer] of requests) await client.askOnce(offer, requestId, stop);
}

export async function stopAll(stack: Stack, dataDir: string, history: History): Promise<void> {
  const { gateways, scalers, cloud } = stack;
  const leave = (what: string) => history.note({ kind: 'left', what });
  for (const parts of [[...gateways, ...scalers], [cloud]]) {
    await Promise.all(
      parts.map(async (each) => {
        if (!(await each.stop(STOP_TIMEOUT_MS))) leave(`process ${each.name}`);
      }),
    );
  }
  for (const { name, pid } of await stackProcesses(dataDir)) leave(`process ${pid} ${name}`);
}
