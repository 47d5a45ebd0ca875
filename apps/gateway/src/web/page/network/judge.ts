import type { Store } from '../state/store.ts';
import type { Outcome } from './api.ts';

/** Remembers whether the gateway can be reached and wants another key. */
export function judge({ dispatch }: Store, outcome: Outcome<unknown>): void {
  if (outcome.kind === 'unanswered') {
    dispatch({ kind: 'troubled', trouble: outcome.trouble });
    return;
  }
  dispatch({ kind: 'reached' });
  if (outcome.kind === 'problem' && outcome.problem.status === 401)
    dispatch({ kind: 'key-refused' });
}
