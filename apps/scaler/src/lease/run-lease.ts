import type { LeaseKeeper } from './lease-keeper.ts';

export interface RunLeaseDeps {
  lease: Pick<LeaseKeeper, 'role' | 'term' | 'due' | 'giveUp'>;
  /** What the leader does, until it is aborted; resolves when nothing of it is left. */
  act: (signal: AbortSignal) => Promise<void>;
  /** How often the lease is looked after. */
  everyMs: number;
  onRole: (role: LeaseKeeper['role']) => void;
  /** The lease has been looked after. */
  onRead: () => void;
  /** Waits this many milliseconds; rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What a leader does in one term of its lease. */
interface Term {
  number: number;
  ending: AbortController;
  ended: Promise<void>;
  /** Rejects when what it does fails by itself, and is pending for ever otherwise. */
  failed: Promise<never>;
}

/**
 * Stands by, acts while it holds the lease and stands by again; when aborted it ends what it does and gives
 * the lease up. Rejects only with what `act` rejects with.
 */
export async function runLease(deps: RunLeaseDeps, signal: AbortSignal): Promise<void> {
  const { lease, act, everyMs, onRole, onRead, sleep } = deps;
  let term: Term | undefined;
  while (!signal.aborted) {
    await lease.due();
    onRead();
    const current = lease.role === 'leader' ? lease.term : undefined;
    if (term?.number !== current) {
      await end(term, 'the lease was lost');
      onRole(lease.role);
      term = current === undefined ? undefined : begin(current, act);
    }
    const slept = sleep(everyMs, signal).catch(() => undefined);
    await Promise.race([slept, ...(term === undefined ? [] : [term.failed])]);
  }
  await end(term, 'stopping');
  await lease.giveUp();
}

function begin(number: number, act: RunLeaseDeps['act']): Term {
  const ending = new AbortController();
  const ended = act(ending.signal);
  return { number, ending, ended, failed: ended.then(() => new Promise<never>(() => {})) };
}

async function end(term: Term | undefined, reason: string): Promise<void> {
  term?.ending.abort(new Error(reason));
  await term?.ended;
}
