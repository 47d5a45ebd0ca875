import { stackProcesses } from '@labelfleet/local-stack/processes';
import { until } from '@labelfleet/testkit/until';
import type { History } from './history/history.ts';
import { PRESS, SHOP } from './load/callers.ts';
import type { Load } from './load/open-load.ts';
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

/**
 * Reads every request and batch once more: any gateway must know it, after any restart. Another caller must not see it.
 */
export async function askAgain(load: Load, stop: AbortSignal): Promise<void> {
  const { client, batches, probes, known } = load;
  for (const caller of [SHOP, PRESS]) {
    for (const { offer, requestId } of known.requestsOf(caller)) {
      await client.askOnce({ name: offer, caller }, requestId, stop);
      await probes.readAsOther(caller, requestId, stop);
    }
    for (const { name, batchId } of known.batchesOf(caller))
      await batches.askOnce({ name, caller }, batchId, stop);
  }
  for (let count = 0; count < LAST_PROBES; count++) await probes.probe(stop);
}

const LAST_PROBES = 20;

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
