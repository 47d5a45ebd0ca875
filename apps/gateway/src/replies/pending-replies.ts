import type { StoredResult } from '@labelfleet/contracts';

/** When a waiter without a reply checks the store for the result (P11). Each interval is longer, up to the longest. */
type StoreChecks = typeof REPLY_EXPECTED_HERE;
const REPLY_EXPECTED_HERE = {
  firstCheckAfterMs: 5_000,
  nextCheckAfterMs: 15_000,
  longestMs: 15_000,
};
/** Another gateway gets the reply, so the store is checked as soon as a reply would have arrived. */
export const REPLY_EXPECTED_ELSEWHERE = {
  firstCheckAfterMs: 1_000,
  nextCheckAfterMs: 2_000,
  longestMs: 10_000,
};
const INTERVAL_GROWS_BY = 1.25;

/** How a wait ended. */
type Waited =
  | { kind: 'completed'; result: StoredResult }
  | { kind: 'timed-out' }
  | { kind: 'disconnected' }
  | { kind: 'stopping' };

/** One caller waiting for a result. Disposing it removes it. */
export interface Waiter extends Disposable {
  /** Resolves when the request completes or the gateway stops. */
  readonly ended: Promise<Waited>;
  /**
   * Resolves when the request completes, at once if it has since the waiter was registered, or when the wait ends for
   * another reason.
   * @param signal aborted when the caller disconnects
   */
  wait(ms: number, signal: AbortSignal): Promise<Waited>;
}

interface Entry {
  readonly waiters: Set<(ended: Waited) => void>;
  nextCheckAtMs: number;
  nextCheckAfterMs: number;
  checks: StoreChecks;
}

/** The callers waiting for results, by request. A request may have several. */
export class PendingReplies {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonicMs: () => number;
  #stopping = false;

  /** @param monotonicMs a monotonic clock */
  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** The number of waiters. */
  get size(): number {
    let size = 0;
    for (const { waiters } of this.#entries.values()) size += waiters.size;
    return size;
  }

  register(requestId: string, checks: StoreChecks = REPLY_EXPECTED_HERE): Waiter {
    const entry = this.#entries.get(requestId) ?? {
      waiters: new Set(),
      nextCheckAtMs: Infinity,
      nextCheckAfterMs: Infinity,
      checks,
    };
    this.#entries.set(requestId, entry);
    // The waiter with the shortest interval checks for all waiters of the request.
    const firstCheckAtMs = this.#monotonicMs() + checks.firstCheckAfterMs;
    entry.nextCheckAtMs = Math.min(entry.nextCheckAtMs, firstCheckAtMs);
    entry.nextCheckAfterMs = Math.min(entry.nextCheckAfterMs, checks.nextCheckAfterMs);
    if (checks.nextCheckAfterMs < entry.checks.nextCheckAfterMs) entry.checks = checks;
    let end: (ended: Waited) => void = () => {};
    const ended = new Promise<Waited>((resolve) => (end = resolve));
    entry.waiters.add(end);
    if (this.#stopping) end({ kind: 'stopping' });
    return {
      ended,
      wait: (ms, signal) => endOf(ended, end, ms, signal),
      [Symbol.dispose]: () => {
        entry.waiters.delete(end);
        if (entry.waiters.size === 0 && this.#entries.get(requestId) === entry)
          this.#entries.delete(requestId);
      },
    };
  }

  /** Ends the waits for a result. @returns false if there are none */
  complete(result: StoredResult): boolean {
    const entry = this.#entries.get(result.id);
    if (entry === undefined) return false;
    this.#entries.delete(result.id);
    for (const end of entry.waiters) end({ kind: 'completed', result });
    return true;
  }

  /** The requests whose result should be read from the store now. Schedules their next check. */
  takeOverdue(): string[] {
    const now = this.#monotonicMs();
    const overdue: string[] = [];
    for (const [requestId, entry] of this.#entries) {
      if (entry.nextCheckAtMs > now) continue;
      entry.nextCheckAtMs = now + entry.nextCheckAfterMs;
      const longer = entry.nextCheckAfterMs * INTERVAL_GROWS_BY;
      entry.nextCheckAfterMs = Math.min(longer, entry.checks.longestMs);
      overdue.push(requestId);
    }
    return overdue;
  }

  /** To be called when the store had a result that was overdue: the fleet works, so others are likely to follow. */
  checkSoon(): void {
    const now = this.#monotonicMs();
    for (const entry of this.#entries.values()) {
      entry.nextCheckAfterMs = entry.checks.nextCheckAfterMs;
      entry.nextCheckAtMs = Math.min(entry.nextCheckAtMs, now + entry.nextCheckAfterMs);
    }
  }

  /** Ends every wait, including those that begin later. */
  stop(): void {
    this.#stopping = true;
    for (const { waiters } of this.#entries.values())
      for (const end of waiters) end({ kind: 'stopping' });
  }
}

async function endOf(
  ended: Promise<Waited>,
  end: (ended: Waited) => void,
  ms: number,
  signal: AbortSignal,
): Promise<Waited> {
  // A timer, however short, would let a quick result in now and then.
  if (ms <= 0) end({ kind: 'timed-out' });
  const leave = () => end({ kind: 'disconnected' });
  const timer = setTimeout(() => end({ kind: 'timed-out' }), ms);
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}
