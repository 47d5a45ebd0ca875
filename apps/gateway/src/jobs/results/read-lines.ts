import { imagesOf, type JobCounts } from '@labelfleet/contracts';
import type { PartStore } from '@labelfleet/jobs';
import { listParts, type PartPlace } from '../list-parts.ts';

/** `results` are the lines of all images, `errors` those that failed. */
export type LineKind = 'results' | 'errors';

/** Parts that are read ahead of the client. One has up to some 100 KB. */
const READ_AHEAD = 4;

/** A part or the lines of a page are missing, although they were stored. */
export class LinesMissingError extends Error {
  override readonly name = 'LinesMissingError';
}

interface ReadingJob {
  kind: LineKind;
  /** The counts of the pages that are done. */
  done: ReadonlyMap<number, JobCounts>;
  /** How many pages there are; Infinity: not all are listed. */
  pages: number;
  /** The counts of the job, if it is completed. */
  total: JobCounts | undefined;
}

/**
 * The lines of a job part by part, in the order of its source. Lines that are missing from a page which is done end it
 * with an error: otherwise the rest would look like a whole.
 * @param signal ends the reads
 * @throws LinesMissingError
 */
export async function* readLines(
  parts: Pick<PartStore, 'from' | 'lines'>,
  { kind, done, pages, total }: ReadingJob,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const linesOf = (counts: JobCounts) =>
    kind === 'errors' ? counts.failed : imagesOf(counts) - counts.skipped;
  const missing = new Map([...done].map(([page, counts]) => [page, linesOf(counts)]));
  const withoutLines = new Set([...missing].flatMap(([page, lines]) => (lines === 0 ? page : [])));
  let all = 0;
  const isWanted = (page: number) => !withoutLines.has(page);
  const read = ({ page, chunk }: PartPlace) => parts.lines(page, chunk, signal);
  for await (const [part, body] of readAhead(listParts(parts, isWanted, pages), read)) {
    const { page, chunk } = part;
    if (body === null)
      throw new LinesMissingError(`The part ${page}-${chunk} of the job was deleted.`);
    const lines = kind === 'errors' ? failedLines(body) : body;
    const count = countLines(lines);
    all += count;
    const left = missing.get(page);
    if (left !== undefined) missing.set(page, left - count);
    if (lines.length > 0) yield lines;
  }
  for (const [page, lines] of missing)
    if (lines !== 0)
      throw new LinesMissingError(
        `${lines} lines of page ${page} are missing: parts of the job were deleted.`,
      );
  if (total !== undefined && all !== linesOf(total))
    throw new LinesMissingError(
      `The job has ${all} of ${linesOf(total)} lines: parts of it were deleted.`,
    );
}

/** Yields each item with its value in order, and begins the next few meanwhile. */
async function* readAhead<T, V>(
  items: AsyncGenerator<T, void>,
  read: (item: T) => Promise<V>,
): AsyncGenerator<[T, V], void> {
  const begun: [T, Promise<V>][] = [];
  try {
    for await (const item of items) {
      const reading = read(item);
      // Awaited later; until then a failure is nobody's.
      reading.catch(() => undefined);
      begun.push([item, reading]);
      const [first] = begun;
      if (begun.length <= READ_AHEAD || first === undefined) continue;
      void begun.shift();
      yield [first[0], await first[1]];
    }
    for (const [item, reading] of begun) yield [item, await reading];
  } finally {
    await items.return();
  }
}

const NEWLINE = 0x0a;
/** In a string of JSON its quotes would be escaped, and no other field of a line has this name and a text. */
const FAILED = Buffer.from('"status":"failed"');

function failedLines(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.includes(FAILED)) return new Uint8Array();
  const failed = linesIn(bytes).filter((line) => line.includes(FAILED));
  return Buffer.concat(failed);
}

/** The lines of a part, each with its newline. */
function linesIn(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let begin = 0; begin < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, begin);
    const end = newline === -1 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(begin, end));
    begin = end;
  }
  return lines;
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
