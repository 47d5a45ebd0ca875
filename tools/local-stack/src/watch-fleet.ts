import { tryReadJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  decodeJson,
  FLEET_SNAPSHOT_KEY,
  fleetSnapshotSchema,
  isStale,
} from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { failedBootsLine, type FailedBoots } from './failed-boots-line.ts';
import { fleetLine } from './live-line.ts';

/** The fields of the fleet snapshot that the line shows. */
const shownSchema = fleetSnapshotSchema.pick({
  at: true,
  publishedEverySeconds: true,
  queue: true,
  workers: true,
  failedBoots: true,
});
const shownCodec = { decode: (text: string) => decodeJson(shownSchema, text) };

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
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  signal: AbortSignal;
}

/**
 * Polls the fleet snapshot and shows it until the signal is aborted. Never rejects.
 * @param state the state bucket; the gateway may want an API key
 */
export async function watchFleet(state: Pick<ObjectStore, 'get'>, watch: Watch): Promise<void> {
  let known: FailedBoots | undefined;
  while (!watch.signal.aborted) {
    const { line, failedBoots } = await readFleet(state, watch);
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

async function readFleet(
  state: Pick<ObjectStore, 'get'>,
  { since, unixMs, signal }: Watch,
): Promise<FleetView> {
  const untilStopped = { get: (key: string) => state.get(key, signal) };
  try {
    const read = await tryReadJson(untilStopped, FLEET_SNAPSHOT_KEY, shownCodec);
    if (read.kind === 'absent') return unknown(NO_REPORT);
    if (read.kind === 'malformed') return unknown(`fleet unknown: ${read.reason}`);
    const { value } = read;
    const { at, failedBoots } = value;
    if (new Date(at) < since) return unknown(NO_REPORT);
    const line = fleetLine(value);
    return {
      line: isStale(value, unixMs())
        ? `the scaler has not reported since ${at}, then: ${line}`
        : line,
      failedBoots,
    };
  } catch (error) {
    return unknown(`fleet unknown: ${error instanceof Error ? error.message : String(error)}`);
  }
}
