import { EXIT, StartError } from '@labelfleet/runtime';
import { replayTick } from '@labelfleet/scaling';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The outcome of a replay. */
export interface Replay {
  ticks: number;
  /** The line numbers of ticks that are decided differently now. */
  different: number[];
}

/**
 * Decides recorded ticks again.
 * @param onDecision called with the JSON of every new decision
 * @throws StartError if the file cannot be read or a line is not a record
 */
export async function replay(path: string, onDecision: (json: string) => void): Promise<Replay> {
  const different: number[] = [];
  let ticks = 0;
  for await (const line of linesOf(path)) {
    ticks++;
    const replayed = replayTick(line);
    if (replayed.kind === 'malformed')
      throw new StartError(`${path}, line ${ticks}: ${replayed.reason}`, EXIT.noInput);
    if (!replayed.value.same) different.push(ticks);
    onDecision(replayed.value.again);
  }
  return { ticks, different };
}

/** Reads line by line, because records of days do not fit into a string. */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  } catch (error) {
    throw new StartError(`${path} cannot be read: ${String(error)}`, EXIT.noInput);
  }
}

export function formatReplay({ ticks, different }: Replay): string {
  if (different.length === 0) return `${ticks} ticks, all decisions as recorded`;
  const [first = 0] = different;
  return `${ticks} ticks, ${different.length} decided differently, the first in line ${first}`;
}
