import type { Clock } from '@labelfleet/runtime';
import type { LeaseKeeper } from './lease-keeper.ts';

export interface RunLeaseDeps {
  lease: Pick<LeaseKeeper, 'role' | 'term' | 'due' | 'giveUp'>;
  /** The leader's work. Runs until aborted and resolves when it has ended completely. */
  act: (signal: AbortSignal) => Promise<void>;
  /** Interval between two calls of `lease.due`. */
  everyMs: number;
  onRole: (role: LeaseKeeper['role']) => void;
  /** Called after each `lease.due`. */
  onRead: () => void;
  clock: Pick<Clock, 'sleep'>;
}

/** The leader's work during one term of the lease. */
interface Term {
  number: number;
  ending: AbortController;
  ended: Promise<void>;
  /** Rejects when the work fails; otherwise never settles. */
  failed: Promise<never>;
}

/**
 * Stands by, runs `act` while it leads, and stands by again. When aborted it ends `act` and gives the lease up.
 * Rejects only if `act` rejects, with the same error.
 */
export async function runLease(deps: RunLeaseDeps, signal: AbortSignal): Promise<void> {
  const { lease, act, everyMs, onRole, onRead, clock } = deps;
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
    const slept = clock.sleep(everyMs, signal);
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
