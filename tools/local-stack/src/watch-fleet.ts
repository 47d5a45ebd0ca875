import { decodeJson, fleetSnapshotSchema } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { fleetLine } from './live-line.ts';

/** What the line is made of; the gateway's view has more, and what else it gets does not matter here. */
const viewSchema = fleetSnapshotSchema.pick({ queue: true, workers: true });

/** Shows the fleet as the gateway tells of it, again and again until the signal; never rejects. */
export async function watchFleet(
  url: string,
  watch: { everyMs: number; show: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  while (!watch.signal.aborted) {
    const line = await look(url, watch.signal);
    if (watch.signal.aborted) return;
    watch.show(line);
    // An abort ends the wait; the loop's head sees it.
    await delay(watch.everyMs, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

async function look(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (response.status === 404) return 'the scaler has not reported yet';
    if (!response.ok) return `fleet unknown: the gateway answers ${response.status}`;
    const decoded = decodeJson(viewSchema, text);
    return decoded.kind === 'decoded'
      ? fleetLine(decoded.value)
      : `fleet unknown: ${decoded.reason}`;
  } catch (error) {
    return `fleet unknown: ${error instanceof Error ? error.message : String(error)}`;
  }
}
