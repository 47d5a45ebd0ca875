import type { Pace } from './pace.ts';

interface Candidate {
  /** What it holds. */
  bytes: number;
  /** When it is too slow unless more of it comes. */
  slowAt: number;
}

/** An upload this far behind the lowest rate is taken for stalled. */
const STALLED_MS = 1_000;

/**
 * Which uploads end so that another one can go on. Those that have stalled go first, the longest stalled before
 * others: whoever sends most of an image and then nothing cannot keep others out. Where all are moving, the newest
 * end and the oldest are completed: of more uploads than there is room for, as many succeed as have room.
 * @param uploads oldest first
 * @param askerAt the place of the one that needs room
 * @returns undefined: they would not make enough room, and the asker has to end
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
