import { nextBatch, type BatchLimits } from './next-batch.ts';

export interface BatcherConfig<Entry, Outcome> extends BatchLimits<Entry> {
  /** Sends one batch: an outcome for each entry, in their order. A rejection is the outcome of them all. */
  sendBatch: (entries: Entry[]) => Promise<PromiseSettledResult<Outcome>[]>;
  /** Batches under way at most. */
  maxCalls: number;
  /** A batch that is not full goes out beside calls under way after this long, lest it wait for a stalled one. */
  maxWaitMs: number;
}

interface Waiting<Entry, Outcome> {
  entry: Entry;
  signal: AbortSignal | undefined;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
}

/**
 * Makes single calls travel together. With nothing under way an entry goes out at once, with all that came
 * in the same turn of the event loop; else entries gather until a batch is full, a call has come back, or
 * `maxGatherMs` are over. Each caller gets the outcome of its own entry. One whose signal is aborted before
 * it goes out does not go out.
 */
export function createBatcher<Entry, Outcome>(
  settings: BatcherConfig<Entry, Outcome>,
): (entry: Entry, signal?: AbortSignal) => Promise<Outcome> {
  let waiting: Waiting<Entry, Outcome>[] = [];
  let callsUnderWay = 0;
  const keysUnderWay = new Set<string>();
  let turnScheduled = false;
  let gathering: NodeJS.Timeout | undefined;

  const limits: BatchLimits<Waiting<Entry, Outcome>> = {
    maxEntries: settings.maxEntries,
    maxBytes: settings.maxBytes,
    bytesOf: ({ entry }) => settings.bytesOf(entry),
    orderKeyOf: ({ entry }) => settings.orderKeyOf(entry),
  };

  function dispatchAll(may: { sendPartial: boolean }): void {
    let sendPartial = may.sendPartial;
    for (const { signal, reject } of waiting) if (signal?.aborted === true) reject(signal.reason);
    waiting = waiting.filter(({ signal }) => signal?.aborted !== true);
    while (callsUnderWay < settings.maxCalls) {
      const { batch, rest, full } = nextBatch(waiting, keysUnderWay, limits);
      if (batch.length === 0) return;
      if (!full && callsUnderWay > 0 && !sendPartial) {
        gathering ??= setTimeout(() => {
          gathering = undefined;
          dispatchAll({ sendPartial: true });
        }, settings.maxWaitMs);
        return;
      }
      clearTimeout(gathering);
      gathering = undefined;
      if (!full) sendPartial = false;
      waiting = rest;
      void dispatch(batch);
    }
  }

  /** Never rejects: what fails is an outcome of its entries. */
  async function dispatch(batch: Waiting<Entry, Outcome>[]): Promise<void> {
    const keys = batch.flatMap(({ entry }) => settings.orderKeyOf(entry) ?? []);
    callsUnderWay += 1;
    for (const key of keys) keysUnderWay.add(key);
    try {
      const outcomes = await settings.sendBatch(batch.map(({ entry }) => entry));
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') resolve(outcome.value);
        else reject(outcome?.reason ?? new Error('The batch has no outcome for this entry.'));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    callsUnderWay -= 1;
    for (const key of keys) keysUnderWay.delete(key);
    dispatchAll({ sendPartial: true });
  }

  return (entry, signal) =>
    new Promise((resolve, reject) => {
      waiting.push({ entry, signal, resolve, reject });
      if (turnScheduled) return;
      turnScheduled = true;
      queueMicrotask(() => {
        turnScheduled = false;
        dispatchAll({ sendPartial: false });
      });
    });
}
