export interface BatchLimits<Entry> {
  maxEntries: number;
  /** A larger entry is sent alone, so that the service reports the error. */
  maxBytes: number;
  bytesOf: (entry: Entry) => number;
  /** Entries with the same key are sent one at a time, in order; undefined: in any order. */
  orderKeyOf: (entry: Entry) => string | undefined;
}

/**
 * Takes the next batch from the waiting entries: the oldest that fit, without busy keys and without the same key
 * twice. `full`: no later entry could join the batch.
 */
export function nextBatch<Entry>(
  waiting: readonly Entry[],
  busyKeys: ReadonlySet<string>,
  limits: BatchLimits<Entry>,
): { batch: Entry[]; rest: Entry[]; full: boolean } {
  const batch: Entry[] = [];
  const rest: Entry[] = [];
  const seenKeys = new Set<string>();
  let bytes = 0;
  for (const [index, entry] of waiting.entries()) {
    const key = limits.orderKeyOf(entry);
    if (key !== undefined) {
      if (busyKeys.has(key) || seenKeys.has(key)) {
        rest.push(entry);
        continue;
      }
      seenKeys.add(key);
    }
    const entryBytes = limits.bytesOf(entry);
    const fits = batch.length === 0 || bytes + entryBytes <= limits.maxBytes;
    if (!fits) return { batch, rest: [...rest, ...waiting.slice(index)], full: true };
    batch.push(entry);
    bytes += entryBytes;
    if (batch.length === limits.maxEntries)
      return { batch, rest: [...rest, ...waiting.slice(index + 1)], full: true };
  }
  return { batch, rest, full: false };
}
