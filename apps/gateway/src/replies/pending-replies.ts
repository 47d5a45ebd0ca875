import type { StoredResult } from '@labelfleet/contracts';

/** When a waiter without a reply looks into the store (P11). */
type StoreChecks = typeof REPLY_EXPECTED_HERE;
const REPLY_EXPECTED_HERE = { firstCheckAfterMs: 5_000, nextCheckAfterMs: 15_000 };
/** As long as a reply takes: who will not get it looks in its place. */
export const REPLY_EXPECTED_ELSEWHERE = { firstCheckAfterMs: 1_000, nextCheckAfterMs: 2_000 };

/** How a wait ended. */
type Waited =
  | { kind: 'completed'; result: StoredResult }
  | { kind: 'timed-out' }
  | { kind: 'disconnected' }
  | { kind: 'stopping' };

/** One caller who waits for a result. Disposing it takes it off the list. */
export interface Waiter extends Disposable {
  /**
   * Resolves when the result is there, at once where it came since the waiter was registered, or when the
   * wait is over for another reason.
   * @param signal the caller's connection: aborted when it is gone
   */
  wait(ms: number, signal: AbortSignal): Promise<Waited>;
}

interface Entry {
  readonly waiters: Set<(ended: Waited) => void>;
  nextCheckAtMs: number;
  nextCheckAfterMs: number;
}

/** Who waits for which request's result. A request may have several waiters. */
export class PendingReplies {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonicMs: () => number;
  #stopping = false;

  /** @param monotonicMs a monotonic clock */
  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const { waiters } of this.#entries.values()) size += waiters.size;
    return size;
  }

  register(requestId: string, looks: StoreChecks = REPLY_EXPECTED_HERE): Waiter {
    const entry = this.#entries.get(requestId) ?? {
      waiters: new Set(),
      nextCheckAtMs: Infinity,
      nextCheckAfterMs: Infinity,
    };
    this.#entries.set(requestId, entry);
    // Of several who wait for the same, the most impatient looks for all.
    const firstCheckAtMs = this.#monotonicMs() + looks.firstCheckAfterMs;
    entry.nextCheckAtMs = Math.min(entry.nextCheckAtMs, firstCheckAtMs);
    entry.nextCheckAfterMs = Math.min(entry.nextCheckAfterMs, looks.nextCheckAfterMs);
    let end: (ended: Waited) => void = () => {};
    const ended = new Promise<Waited>((resolve) => (end = resolve));
    entry.waiters.add(end);
    if (this.#stopping) end({ kind: 'stopping' });
    return {
      wait: (ms, signal) => endOf(ended, end, ms, signal),
      [Symbol.dispose]: () => {
        entry.waiters.delete(end);
        if (entry.waiters.size === 0 && this.#entries.get(requestId) === entry)
          this.#entries.delete(requestId);
      },
    };
  }

  /** Hands a result to everyone who waits for it. False: nobody does. */
  complete(result: StoredResult): boolean {
    const entry = this.#entries.get(result.id);
    if (entry === undefined) return false;
    this.#entries.delete(result.id);
    for (const end of entry.waiters) end({ kind: 'completed', result });
    return true;
  }

  /** The requests whose result is to be looked for in the store now; their next look is set. */
  takeOverdue(): string[] {
    const now = this.#monotonicMs();
    const overdue: string[] = [];
    for (const [requestId, entry] of this.#entries) {
      if (entry.nextCheckAtMs > now) continue;
      entry.nextCheckAtMs = now + entry.nextCheckAfterMs;
      overdue.push(requestId);
    }
    return overdue;
  }

  /** Ends every wait, and those that begin from now on. */
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
