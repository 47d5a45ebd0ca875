import type { PartStore } from '@labelfleet/jobs';

/** As many parts as S3 lists in one call. */
const PARTS_A_LIST = 1_000;

export interface PartPlace {
  page: number;
  chunk: number;
}

/**
 * The parts of a job in order, without those of the pages that are not wanted. Pages that are not wanted are not
 * listed where there are many in a row.
 * @param isWanted whether a page is wanted
 * @param pages how many pages there are at most; Infinity: it is not known
 */
export async function* listParts(
  parts: Pick<PartStore, 'from'>,
  isWanted: (page: number) => boolean,
  pages: number,
): AsyncGenerator<PartPlace, void> {
  const nextWanted = (from: number) => {
    let page = from;
    while (page < pages && !isWanted(page)) page += 1;
    return page;
  };
  for (let page = nextWanted(0); ;) {
    const listed = await parts.from(page, PARTS_A_LIST);
    const last = listed.at(-1);
    if (last === undefined) return;
    const isEnd = listed.length < PARTS_A_LIST;
    // The last page may be cut, and then it is listed again from its beginning.
    const cutPage = isEnd || last.page === page ? undefined : last.page;
    for (const part of listed) if (part.page !== cutPage && isWanted(part.page)) yield part;
    if (isEnd) return;
    page = nextWanted(cutPage ?? page + 1);
  }
}
