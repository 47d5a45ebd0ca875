import { compareUtf8, countUpTo } from './utf8-order.ts';

export interface ListPage {
  keys: string[];
  /** Each represents all keys that begin with it. */
  commonPrefixes: string[];
  /** The start of the next page; undefined on the last page. */
  next: string | undefined;
}

/**
 * One page of a listing. `keys` are in the order of their bytes. Keys that hold the delimiter after the prefix are
 * rolled up into one common prefix, which counts as one entry.
 */
export function listPage(
  keys: readonly string[],
  options: { prefix: string; delimiter: string; after: string; maxKeys: number },
): ListPage {
  const { prefix, delimiter, after, maxKeys } = options;
  const page: ListPage = { keys: [], commonPrefixes: [], next: undefined };
  // Behind a common prefix (it ends with the delimiter and is longer than the prefix asked for) come its keys.
  const isRolledUp = (key: string, last: string) =>
    delimiter !== '' &&
    last.length > prefix.length &&
    last.endsWith(delimiter) &&
    key.startsWith(last);
  let last = after;
  for (let index = countUpTo(keys, after); index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    if (!key.startsWith(prefix)) {
      if (compareUtf8(key, prefix) > 0) break; // all keys with the prefix come before
      continue;
    }
    if (isRolledUp(key, last)) continue;
    if (page.keys.length + page.commonPrefixes.length === maxKeys) {
      return { ...page, next: maxKeys === 0 ? undefined : last };
    }
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    last = end < 0 ? key : key.slice(0, end + delimiter.length);
    (end < 0 ? page.keys : page.commonPrefixes).push(last);
  }
  return page;
}
