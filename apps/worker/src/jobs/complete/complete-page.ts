import type { JobPage, StoredJob } from '@labelfleet/contracts';
import type { HandlingEnds, JobDeps } from '../job-deps.ts';

export interface Completion {
  /**
   * To be called after a part of the page was stored or found: completes the page, and the job, if nothing is missing
   * (J4, J5). Rejects when calls to AWS fail for longer than they are repeated in place, and with the last failure when
   * `ends` says so.
   */
  pageTouched(job: StoredJob, page: JobPage, ends?: HandlingEnds): Promise<void>;
}

export function createCompletion(deps: JobDeps): Completion {
  void deps;
  return { pageTouched: () => Promise.reject(new Error('not written yet')) };
}
