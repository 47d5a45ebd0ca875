import { sleep } from '@labelfleet/runtime';
import type { FaultsClient } from '@labelfleet/testkit/faults-client';
import type { Outage } from '../history/event.ts';
import type { History } from '../history/history.ts';
import { SHOP } from '../load/callers.ts';
import type { ChaosImage } from '../load/images.ts';
import type { Stack } from '../stack/stack.ts';

/** Long enough for each alert that an outage raises: four minutes for the rules. */
const OUTAGE_MS = 75_000;
const REQUEST_EVERY_MS = 200;
/** A gateway refuses within 5 s. */
const REFUSED_WITHIN_MS = 15_000;
const STOP_TIMEOUT_MS = 20_000;

/** The gateway that runs meanwhile. */
const GATEWAY = 'gateway-1';

const FAULTS = {
  'SQS unreachable': { kind: 'cut-connection', action: 'sqs:*' },
  'S3 reads denied': { kind: 'error', action: 's3:GetObject', status: 403, code: 'AccessDenied' },
} as const satisfies Partial<Record<Outage, object>>;

interface OutagesDeps extends Pick<Stack, 'gateways' | 'scalers' | 'urls'> {
  faults: Pick<FaultsClient, 'set' | 'clear'>;
  history: Pick<History, 'note'>;
}

/**
 * Stops a gateway and all scalers, and takes SQS and reads of S3 from the other gateway, while a caller sends
 * requests. Stopped processes stay so. Resolves when somebody would have been notified, or the signal aborts.
 */
export async function bringOutages(
  { gateways, scalers, urls, faults, history }: OutagesDeps,
  images: readonly ChaosImage[],
  signal: AbortSignal,
): Promise<void> {
  const begin = (outage: Outage) => history.note({ kind: 'outage', outage, forMs: OUTAGE_MS });
  const stopped = gateways.filter(({ name }) => name !== GATEWAY);
  begin('gateway stopped');
  begin('scalers stopped');
  await Promise.all([...stopped, ...scalers].map((each) => each.stop(STOP_TIMEOUT_MS)));
  for (const [outage, fault] of Object.entries(FAULTS)) {
    await faults.set({ id: idOf(outage), match: { caller: GATEWAY }, ...fault });
    begin(outage as keyof typeof FAULTS);
  }
  const requests: Promise<unknown>[] = [];
  for (let left = OUTAGE_MS / REQUEST_EVERY_MS; left > 0 && !signal.aborted; left--) {
    const request = sendInVain(`${urls.get(GATEWAY)}/v1/classifications`, images[0]);
    requests.push(request.catch((error: unknown) => error));
    await sleep(REQUEST_EVERY_MS, signal);
  }
  const failed = (await Promise.all(requests)).filter((error) => error !== undefined);
  if (failed.length > 0) throw new AggregateError(failed, 'requests were not refused in an outage');
  for (const outage of Object.keys(FAULTS)) await faults.clear(idOf(outage));
}

const idOf = (outage: string) => outage.replaceAll(' ', '-');

/** @throws if the request is not refused */
async function sendInVain(url: string, image: ChaosImage | undefined): Promise<void> {
  const signal = AbortSignal.timeout(REFUSED_WITHIN_MS);
  const body = image?.bytes ?? null;
  const { status } = await fetch(url, { method: 'POST', headers: SHOP.headers, body, signal });
  if (status < 500) throw new Error(`a request was answered with ${status} in an outage`);
}
