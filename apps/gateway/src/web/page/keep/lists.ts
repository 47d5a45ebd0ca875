import type { KeptRecord } from './keep.ts';
import { randomKey } from '@labelfleet/client';

const SESSION_KEY = 'labelfleet.list';
/** Rows that nobody came back for. The gateway's results are kept for about as long. */
const FORGET_AFTER_MS = 7 * 86_400_000;

/** The batch ids of the page's address. */
export function batchesOfAddress(hash: string): string[] {
  const ids = new URLSearchParams(hash.replace(/^#/, '')).get('b') ?? '';
  return ids.split(',').filter((id) => /^[\w-]{1,64}$/.test(id));
}

export const addressOfBatches = (ids: readonly string[]): string =>
  ids.length === 0 ? location.pathname : `#b=${ids.join(',')}`;

const isUnfinished = ({ file }: KeptRecord) => file !== undefined;

/**
 * The list that this tab goes on with: the one it showed before a reload, the one of the link, or one with unsent
 * images that a closed tab has left. No other tab shows the same list.
 */
export async function chooseList(
  records: readonly KeptRecord[],
  batchIds: readonly string[],
): Promise<string> {
  const own = sessionStorage.getItem(SESSION_KEY);
  const isOfLink = (list: string) => {
    const ids = records.flatMap((record) => (record.list === list ? (record.batchId ?? []) : []));
    return batchIds.length === 0 || ids.length === 0 || ids.some((id) => batchIds.includes(id));
  };
  const candidates = [
    ...(own === null ? [] : [own]),
    ...records
      .filter((record) =>
        batchIds.length === 0 ? isUnfinished(record) : record.batchId !== undefined,
      )
      .map(({ list }) => list),
  ].filter(isOfLink);
  for (const list of new Set(candidates)) if (await claim(list)) return remember(list);
  const fresh = randomKey();
  await claim(fresh);
  return remember(fresh);
}

export const forgotten = (records: readonly KeptRecord[], now: number): string[] =>
  records.filter(({ at }) => at < now - FORGET_AFTER_MS).map(({ id }) => id);

function remember(list: string): string {
  sessionStorage.setItem(SESSION_KEY, list);
  return list;
}

/** @returns false if another tab shows the list. Browsers have locks on https and on this machine only. */
function claim(list: string): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`labelfleet-${list}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held until the tab is closed.
      return lock === null ? undefined : new Promise(() => undefined);
    });
  });
}
