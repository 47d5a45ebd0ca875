import { decodeJson, fleetSnapshotSchema } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { failedBootsLine, type FailedBoots } from './failed-boots-line.ts';
import { fleetLine } from './live-line.ts';

/** What the line is made of; the gateway's view has more, and what else it gets does not matter here. */
const viewSchema = fleetSnapshotSchema
  .pick({ at: true, queue: true, workers: true, failedBoots: true })
  .extend({ stale: z.boolean().optional() });

const NO_REPORT = 'the scaler has not reported yet';

export interface Watch {
  /** What was reported before is an earlier stack's: objects outlive it. */
  since: Date;
  everyMs: number;
  /** Shows the fleet in a line that changes. */
  show: (line: string) => void;
  /** Says what is to stay on the screen: that boots fail, and that they do no more. */
  say: (line: string) => void;
  /** Where the workers' own logs are. */
  workerLogs: string;
  signal: AbortSignal;
}

/** Shows the fleet as the gateway tells of it, again and again until the signal; never rejects. */
export async function watchFleet(url: string, watch: Watch): Promise<void> {
  let said: FailedBoots | undefined;
  while (!watch.signal.aborted) {
    const { line, failedBoots } = await look(url, watch.since, watch.signal);
    if (watch.signal.aborted) return;
    const told = failedBootsLine(said, failedBoots, watch.workerLogs);
    if (told !== undefined) watch.say(told);
    if (failedBoots !== 'unknown') said = failedBoots;
    watch.show(line);
    // An abort ends the wait; the loop's head sees it.
    await delay(watch.everyMs, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

interface Seen {
  line: string;
  failedBoots: FailedBoots | undefined | 'unknown';
}

const unseen = (line: string): Seen => ({ line, failedBoots: 'unknown' });

async function look(url: string, since: Date, signal: AbortSignal): Promise<Seen> {
  try {
    const response = await fetch(url, { signal });
    const text = await response.text();
    if (response.status === 404) return unseen(NO_REPORT);
    if (!response.ok) return unseen(`fleet unknown: the gateway answers ${response.status}`);
    const decoded = decodeJson(viewSchema, text);
    if (decoded.kind === 'malformed') return unseen(`fleet unknown: ${decoded.reason}`);
    const { value } = decoded;
    const { at, stale, failedBoots } = value;
    if (new Date(at) < since) return unseen(NO_REPORT);
    const line = fleetLine(value);
    return {
      line: stale === true ? `the scaler has not reported since ${at}, then: ${line}` : line,
      failedBoots,
    };
  } catch (error) {
    return unseen(`fleet unknown: ${error instanceof Error ? error.message : String(error)}`);
  }
}
