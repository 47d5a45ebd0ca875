import type { Pace } from './pace.ts';

interface Candidate {
  /** The bytes it holds. */
  bytes: number;
  /** The time at which it is too slow unless more bytes arrive. */
  slowAt: number;
}

/** An upload this far behind the lowest rate counts as stalled. */
const STALLED_MS = 1_000;

/**
 * Chooses the uploads to stop so that another can continue. Stalled uploads come first, the longest stalled before
 * others, so that a client which sends most of an image and then nothing cannot keep others out. If none is stalled,
 * the newest are stopped and the oldest complete, so that as many uploads succeed as there is room for.
 * @param uploads oldest first
 * @param askerAt the index of the upload that needs room
 * @returns undefined if stopping others does not make enough room; the asker must then be stopped
 */
export function chooseVictims<T extends Candidate>(
  uploads: readonly T[],
  askerAt: number,
  missingBytes: number,
  nowMs: number,
  { graceMs }: Pick<Pace, 'graceMs'>,
): T[] | undefined {
  const stalledBefore = nowMs + graceMs - Math.min(STALLED_MS, graceMs / 2);
  const others = uploads.map((upload, at) => ({ upload, at })).filter(({ at }) => at !== askerAt);
  const stalled = others
    .filter(({ upload }) => upload.slowAt < stalledBefore)
    .toSorted((a, b) => a.upload.slowAt - b.upload.slowAt);
  const newer = others.filter((one) => one.at > askerAt && !stalled.includes(one)).toReversed();
  const victims: T[] = [];
  let freed = 0;
  for (const { upload } of [...stalled, ...newer]) {
    if (freed >= missingBytes) break;
    if (upload.bytes === 0) continue;
    victims.push(upload);
    freed += upload.bytes;
  }
  return freed >= missingBytes ? victims : undefined;
}
