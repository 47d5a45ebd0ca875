export interface BatchLimits<Entry> {
  maxEntries: number;
  /** An entry that is larger by itself still travels, alone: the service says what it thinks of it. */
  maxBytes: number;
  bytesOf: (entry: Entry) => number;
  /** Entries with the same key are sent one after the other, in the order they came; undefined: no order. */
  orderKeyOf: (entry: Entry) => string | undefined;
}

/**
 * The next batch among those that wait: the oldest that fit, none whose key is busy, no key twice.
 * `full`: nothing that comes later could still join it.
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
