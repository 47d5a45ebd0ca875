import { isKeyMissing, type State } from '../state/state.ts';
import { countRows } from '../words/counts.ts';
import { isOpen } from './jobs-state.ts';

const WHILE_SEVERAL_RUN_MS = 5_000;
/** Others may start jobs, too. */
const OTHERWISE_MS = 30_000;

export interface JobsPlan {
  /** The job to follow by a stream. */
  follow: string | undefined;
  /** How often to read the list; Infinity: not now. */
  readEveryMs: number;
}

/**
 * A browser opens six connections to a host, so that at most one job has a stream, and none while images need the
 * connections. A page that nobody sees costs the gateway no look at a job.
 */
export function planJobs(state: State, isHidden: boolean): JobsPlan {
  if (isHidden || isKeyMissing(state)) return { follow: undefined, readEveryMs: Infinity };
  const [open, ...others] = state.jobs?.list.filter(isOpen) ?? [];
  if (open === undefined) return { follow: undefined, readEveryMs: OTHERWISE_MS };
  if (others.length > 0 || countRows(state.rows).waiting > 0)
    return { follow: undefined, readEveryMs: WHILE_SEVERAL_RUN_MS };
  return { follow: open.id, readEveryMs: OTHERWISE_MS };
}
