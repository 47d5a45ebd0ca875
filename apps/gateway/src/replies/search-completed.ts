import { resultKey } from '@labelfleet/contracts';

/** The most keys that S3 returns in one page. */
const PAGE = 1_000;
/** A page costs as much as some 12 reads, but takes as long as one. */
const WORTH_A_PAGE = 8;

/**
 * Narrows down which requests may have a result. Result keys begin with the time of their request, so one page of keys
 * shows the results of all requests that arrived together. Where results of other requests lie between, so that a page
 * decides few, the rest must be read one by one.
 * @param list returns the keys after one, in order
 * @returns the requests that have a result, and those that must be read to know
 */
export async function searchCompleted(
  requestIds: readonly string[],
  list: (after: string, limit: number) => Promise<string[]>,
): Promise<string[]> {
  const completed: string[] = [];
  let left = requestIds.toSorted();
  let decided = Infinity;
  while (left.length > WORTH_A_PAGE && decided > WORTH_A_PAGE) {
    // A request id is a prefix of the key of its result, so it sorts before it.
    const keys = await list(left[0] ?? '', PAGE);
    const end = keys.length < PAGE ? undefined : keys.at(-1);
    const page = new Set(keys);
    completed.push(...left.filter((id) => page.has(resultKey(id))));
    const undecided = end === undefined ? [] : left.filter((id) => resultKey(id) > end);
    decided = left.length - undecided.length;
    left = undecided;
  }
  return [...completed, ...left];
}
