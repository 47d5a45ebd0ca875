import { decodeJson, fleetSnapshotSchema } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { failedBootsLine, type FailedBoots } from './failed-boots-line.ts';
import { fleetLine } from './live-line.ts';

/** The fields of the gateway's fleet view that the line shows. */
const viewSchema = fleetSnapshotSchema
  .pick({ at: true, queue: true, workers: true, failedBoots: true })
  .extend({ stale: z.boolean().optional() });

const NO_REPORT = 'the scaler has not reported yet';

export interface Watch {
  /** Earlier reports are ignored, because they are from an earlier stack. */
  since: Date;
  everyMs: number;
  /** Shows the fleet in a line that changes. */
  show: (line: string) => void;
  /** Prints a line: that boots fail, or that they no longer fail. */
  say: (line: string) => void;
  /** The folder of the workers' logs. */
  workerLogs: string;
  signal: AbortSignal;
}

/** Polls the gateway's fleet view and shows it until the signal is aborted. Never rejects. */
export async function watchFleet(url: string, watch: Watch): Promise<void> {
  let known: FailedBoots | undefined;
  while (!watch.signal.aborted) {
    const { line, failedBoots } = await readFleet(url, watch.since, watch.signal);
    if (watch.signal.aborted) return;
    const change = failedBootsLine(known, failedBoots, watch.workerLogs);
    if (change !== undefined) watch.say(change);
    if (failedBoots !== 'unknown') known = failedBoots;
    watch.show(line);
    // An abort ends the wait, and then the loop.
    await delay(watch.everyMs, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

interface FleetView {
  line: string;
  failedBoots: FailedBoots | undefined | 'unknown';
}

const unknown = (line: string): FleetView => ({ line, failedBoots: 'unknown' });

async function readFleet(url: string, since: Date, signal: AbortSignal): Promise<FleetView> {
  try {
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (response.status === 404) return unknown(NO_REPORT);
    if (response.status === 401) return unknown('fleet not shown: it needs an API key');
    if (!response.ok) return unknown(`fleet unknown: the gateway answers ${response.status}`);
    const decoded = decodeJson(viewSchema, text);
    if (decoded.kind === 'malformed') return unknown(`fleet unknown: ${decoded.reason}`);
    const { value } = decoded;
    const { at, stale, failedBoots } = value;
    if (new Date(at) < since) return unknown(NO_REPORT);
    const line = fleetLine(value);
    return {
      line: stale === true ? `the scaler has not reported since ${at}, then: ${line}` : line,
      failedBoots,
    };
  } catch (error) {
    return unknown(`fleet unknown: ${error instanceof Error ? error.message : String(error)}`);
  }
}
