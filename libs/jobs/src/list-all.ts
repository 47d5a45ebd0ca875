import type { ObjectStore } from '@labelfleet/aws/store';

/** As many keys as S3 lists in one call. */
const MOST_KEYS = 1_000;

/** All keys that begin with the prefix and sort after `after`, in order. Costs a call for each 1,000 keys. */
export async function listAll(
  bucket: Pick<ObjectStore, 'list'>,
  prefix: string,
  after?: string,
): Promise<string[]> {
  const all: string[] = [];
  for (let last = after; ; last = all.at(-1)) {
    const keys = await bucket.list(prefix, MOST_KEYS, last);
    all.push(...keys);
    if (keys.length < MOST_KEYS) return all;
  }
}
