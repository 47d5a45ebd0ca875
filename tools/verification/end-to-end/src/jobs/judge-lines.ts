import type { JobLine } from '@labelfleet/client/jobs';
import { problemCode } from '@labelfleet/contracts';
import type { Expected, StoredImages } from './stored-images.ts';

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What a line says, to be compared with what it must say. */
export const saying = (line: JobLine): Expected =>
  line.status === 'failed'
    ? { problem: problemCode(line.problem) }
    : { label: line.label ?? 'unknown' };

/** What is wrong with the lines of a job: 0 lost, 0 double, 0 wrong. */
export function judgeLines(
  lines: readonly JobLine[],
  bucket: string,
  { expected }: StoredImages,
): { lost: string[]; double: string[]; foreign: string[]; wrong: object[] } {
  const prefix = `s3://${bucket}/`;
  const seen = new Set<string>();
  const [double, foreign, wrong]: [string[], string[], object[]] = [[], [], []];
  for (const line of lines) {
    const key = line.image?.slice(prefix.length) ?? '';
    const must = expected.get(key);
    if (must === undefined || line.image?.startsWith(prefix) !== true)
      foreign.push(JSON.stringify(line));
    else if (seen.has(key)) double.push(key);
    else if (JSON.stringify(saying(line)) !== JSON.stringify(must))
      wrong.push({ key, must, says: saying(line) });
    seen.add(key);
  }
  const lost = [...expected.keys()].filter((key) => !seen.has(key));
  return { lost, double, foreign, wrong };
}
