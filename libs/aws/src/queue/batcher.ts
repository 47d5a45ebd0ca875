import { nextBatch, type BatchLimits } from './next-batch.ts';

export interface BatcherConfig<Entry, Outcome> extends BatchLimits<Entry> {
  /** Sends one batch and resolves with one outcome per entry, in order. A rejection fails all entries. */
  sendBatch: (entries: Entry[]) => Promise<PromiseSettledResult<Outcome>[]>;
  /** The most batches in flight at a time. */
  maxCalls: number;
  /** A partial batch is sent after this time although calls are in flight, because one of them may have stalled. */
  maxWaitMs: number;
  /** How long the oldest entry of a partial batch waits for others, whether or not calls are in flight. Default: 0. */
  lingerMs?: () => number;
  /** Called before a batch is sent, with the time that its first entry has waited. */
  onBatch?: (waitedMs: number) => void;
}

interface Waiting<Entry, Outcome> {
  entry: Entry;
  signal: AbortSignal | undefined;
  /** On `performance.now()`, like the next one. */
  addedAtMs: number;
  sendAtMs: number;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
}

/**
 * Groups single calls into batches. A full batch is sent at once. A partial one waits until its oldest entry has
 * lingered, and then, if calls are in flight, until one returns or `maxWaitMs` have passed. Without a linger, entries
 * are sent at once when no call is in flight, those of one turn of the event loop together. Each caller gets the
 * outcome of its entry. An entry whose signal aborts before it is sent is not sent.
 */
export function createBatcher<Entry, Outcome>(
  settings: BatcherConfig<Entry, Outcome>,
): (entry: Entry, signal?: AbortSignal) => Promise<Outcome> {
  let waiting: Waiting<Entry, Outcome>[] = [];
  let callsInFlight = 0;
  const keysInFlight = new Set<string>();
  let turnScheduled = false;
  let waitTimer: NodeJS.Timeout | undefined;

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
    while (callsInFlight < settings.maxCalls) {
      const { batch, rest, full } = nextBatch(waiting, keysInFlight, limits);
      const [oldest] = batch;
      if (oldest === undefined) return;
      if (!full) {
        const lingerMs = oldest.sendAtMs - performance.now();
        if (lingerMs > 0) return wait(lingerMs, false);
        if (callsInFlight > 0 && !sendPartial) return wait(settings.maxWaitMs, true);
      }
      clearTimeout(waitTimer);
      waitTimer = undefined;
      if (!full) sendPartial = false;
      waiting = rest;
      void dispatch(batch);
    }
  }

  function wait(ms: number, sendPartial: boolean): void {
    waitTimer ??= setTimeout(() => {
      waitTimer = undefined;
      dispatchAll({ sendPartial });
    }, Math.ceil(ms));
  }

  /** Never rejects: a failure is the outcome of each entry. */
  async function dispatch(batch: Waiting<Entry, Outcome>[]): Promise<void> {
    const keys = batch.flatMap(({ entry }) => settings.orderKeyOf(entry) ?? []);
    const [oldest] = batch;
    if (oldest !== undefined) settings.onBatch?.(performance.now() - oldest.addedAtMs);
    callsInFlight += 1;
    for (const key of keys) keysInFlight.add(key);
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
    callsInFlight -= 1;
    for (const key of keys) keysInFlight.delete(key);
    dispatchAll({ sendPartial: true });
  }

  return (entry, signal) =>
    new Promise((resolve, reject) => {
      const addedAtMs = performance.now();
      const sendAtMs = addedAtMs + (settings.lingerMs?.() ?? 0);
      waiting.push({ entry, signal, addedAtMs, sendAtMs, resolve, reject });
      if (turnScheduled) return;
      turnScheduled = true;
      queueMicrotask(() => {
        turnScheduled = false;
        dispatchAll({ sendPartial: false });
      });
    });
}
