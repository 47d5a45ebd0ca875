import { addCounts, NO_COUNTS, type JobCounts } from '@labelfleet/contracts';
import type { PartStore } from '@labelfleet/jobs';
import { listParts, type PartPlace } from '../list-parts.ts';
import type { JobMemory } from './job-memory.ts';

/** What is left is counted by the next look. */
const MOST_SUMMARIES = 1_000;
const CONCURRENT_READS = 16;

/**
 * Adds up the parts of the pages without a marker. Workers complete pages about in order, so these parts are few.
 * @param isDone whether a page has a marker
 * @param pages how many pages there are
 */
export async function countOpenPages(
  parts: Pick<PartStore, 'from' | 'summary'>,
  memory: Pick<JobMemory, 'parts'>,
  isDone: (page: number) => boolean,
  pages: number,
): Promise<JobCounts> {
  for (const page of memory.parts.keys()) if (isDone(page)) memory.parts.delete(page);
  const unread: PartPlace[] = [];
  for await (const part of listParts(parts, (page) => !isDone(page), pages)) {
    if (memory.parts.get(part.page)?.has(part.chunk) !== true) unread.push(part);
    if (unread.length === MOST_SUMMARIES) break;
  }
  const left = unread.values();
  const readRest = async () => {
    for (const { page, chunk } of left) {
      const summary = await parts.summary(page, chunk);
      const chunks = memory.parts.get(page) ?? new Map<number, typeof summary>();
      memory.parts.set(page, chunks.set(chunk, summary));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_READS }, readRest));
  return [...memory.parts.values()]
    .flatMap((chunks) => [...chunks.values()])
    .reduce<JobCounts>(addCounts, NO_COUNTS);
}
