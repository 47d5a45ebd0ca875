import { decodeJson, fleetSnapshotSchema } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { fleetLine } from './live-line.ts';

/** What the line is made of; the gateway's view has more, and what else it gets does not matter here. */
const viewSchema = fleetSnapshotSchema
  .pick({ at: true, queue: true, workers: true })
  .extend({ stale: z.boolean().optional() });

const NO_REPORT = 'the scaler has not reported yet';

/**
 * Shows the fleet as the gateway tells of it, again and again until the signal; never rejects.
 * What was reported before `since` is an earlier stack's: objects outlive it.
 */
export async function watchFleet(
  url: string,
  watch: { since: Date; everyMs: number; show: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  while (!watch.signal.aborted) {
    const line = await look(url, watch.since, watch.signal);
    if (watch.signal.aborted) return;
    watch.show(line);
    // An abort ends the wait; the loop's head sees it.
    await delay(watch.everyMs, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

async function look(url: string, since: Date, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (response.status === 404) return NO_REPORT;
    if (!response.ok) return `fleet unknown: the gateway answers ${response.status}`;
    const decoded = decodeJson(viewSchema, text);
    if (decoded.kind === 'malformed') return `fleet unknown: ${decoded.reason}`;
    const { at, stale } = decoded.value;
    if (new Date(at) < since) return NO_REPORT;
    const line = fleetLine(decoded.value);
    return stale === true ? `the scaler has not reported since ${at}, then: ${line}` : line;
  } catch (error) {
    return `fleet unknown: ${error instanceof Error ? error.message : String(error)}`;
  }
}
