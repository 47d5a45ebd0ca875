import { failedOutcome, outcome, type Api } from '../network/api.ts';
import { judge } from '../network/judge.ts';
import { backoffMs } from '../network/plan.ts';
import type { Store } from '../state/store.ts';
import { planJobs } from './plan-jobs.ts';

const CHECK_EVERY_MS = 500;
const FIRST_JOBS = 5;
/** The gateway lists no more. */
const MOST_JOBS = 100;

/** Reads the newest jobs as long as the page is seen, and follows one that runs. */
export class JobWatch {
  readonly #api: Pick<Api, 'jobs'>;
  readonly #store: Store;
  #limit = FIRST_JOBS;
  /** The gateway has no jobs. */
  #isAbsent = false;
  #isReading = false;
  #readAt = -Infinity;
  /** Nothing is called before this time. */
  #notBefore = 0;
  #failures = 0;
  /** Counts what this page has changed: a list that was asked for before is out of date. */
  #changes = 0;
  #stream: { id: string; stop: AbortController } | undefined;

  constructor(api: Pick<Api, 'jobs'>, store: Store) {
    this.#api = api;
    this.#store = store;
    setInterval(this.#check, CHECK_EVERY_MS);
    document.addEventListener('visibilitychange', this.#check);
    this.#check();
  }

  /** Reads the list now, because this page has changed a job, the connection is back or an API key was entered. */
  hurry(): void {
    this.#changes += 1;
    this.#notBefore = 0;
    this.#readAt = -Infinity;
    this.#check();
  }

  showOlder(): void {
    this.#limit = MOST_JOBS;
    this.hurry();
  }

  #check = (): void => {
    const now = Date.now();
    if (this.#isAbsent) return;
    const { follow, readEveryMs } = planJobs(this.#store.state, document.hidden);
    if (this.#stream?.id !== follow) {
      this.#stream?.stop.abort();
      this.#stream = undefined;
    }
    if (now < this.#notBefore) return;
    if (follow !== undefined && this.#stream === undefined) void this.#follow(follow);
    if (!this.#isReading && now >= this.#readAt + readEveryMs) void this.#read();
  };

  async #read(): Promise<void> {
    const store = this.#store;
    const limit = this.#limit;
    const changes = this.#changes;
    this.#isReading = true;
    const read = await outcome(this.#api.jobs().list({ limit }));
    this.#isReading = false;
    judge(store, read);
    if (read.kind === 'problem' && read.problem.status === 404) this.#isAbsent = true;
    if (read.kind !== 'answer') return this.#pause(read.retryAfterMs);
    this.#failures = 0;
    if (changes !== this.#changes) return this.#check();
    this.#readAt = Date.now();
    const { jobs } = read.answer;
    const hasOlder = limit === FIRST_JOBS && jobs.length === limit;
    store.dispatch({ kind: 'jobs-read', jobs, hasOlder });
    this.#check();
  }

  async #follow(id: string): Promise<void> {
    const { dispatch } = this.#store;
    const stop = new AbortController();
    const { signal } = stop;
    this.#stream = { id, stop };
    const failed = (error: unknown) => judge(this.#store, failedOutcome(error));
    try {
      const options = { signal, onRetry: ({ error }: { error: unknown }) => failed(error) };
      for await (const job of this.#api.jobs().follow(id, options)) {
        this.#failures = 0;
        dispatch({ kind: 'reached' });
        dispatch({ kind: 'job-read', job });
      }
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      this.#pause();
    }
    this.#stream = undefined;
    this.#check();
  }

  #pause(retryAfterMs?: number): void {
    this.#failures += 1;
    this.#notBefore = Date.now() + backoffMs(this.#failures, retryAfterMs, Math.random());
  }
}
