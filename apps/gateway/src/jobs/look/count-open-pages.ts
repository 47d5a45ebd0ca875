import { addCounts, NO_COUNTS, type JobCounts } from '@labelfleet/contracts';
import type { PartStore } from '@labelfleet/jobs';
import type { JobMemory } from './job-memory.ts';

/** As many parts as S3 lists in one call. */
const PARTS_A_LIST = 1_000;
/** What is left is counted by the next look. */
const MOST_LISTS = 5;
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
  const unread = (await listOpenParts(parts, isDone, pages)).filter(
    ({ page, chunk }) => memory.parts.get(page)?.has(chunk) !== true,
  );
  const left = unread.slice(0, MOST_SUMMARIES).values();
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

/** Lists from one page without a marker to the next, and leaves out the pages between. */
async function listOpenParts(
  parts: Pick<PartStore, 'from'>,
  isDone: (page: number) => boolean,
  pages: number,
): Promise<{ page: number; chunk: number }[]> {
  const open: { page: number; chunk: number }[] = [];
  const nextOpen = (from: number) => {
    let page = from;
    while (page < pages && isDone(page)) page += 1;
    return page;
  };
  let page = nextOpen(0);
  for (let lists = 0; lists < MOST_LISTS && page < pages; lists++) {
    const listed = await parts.from(page, PARTS_A_LIST);
    const last = listed.at(-1);
    // The last page may be cut, and then it is listed again from its beginning.
    const isEnd = listed.length < PARTS_A_LIST || last === undefined;
    const cutPage = isEnd || last.page === page ? undefined : last.page;
    open.push(...listed.filter((part) => !isDone(part.page) && part.page !== cutPage));
    if (isEnd) return open;
    page = nextOpen(cutPage ?? page + 1);
  }
  return open;
}
