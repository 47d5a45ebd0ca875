import type { Queue, QueueDepth } from '@labelfleet/aws/queue';
import type { Clock, Logger } from '@labelfleet/runtime';
import type { ActiveJob, Observed } from '@labelfleet/scaling';
import { tryCall } from '../act/call-failure.ts';
import type { Metrics } from '../metrics.ts';
import type { JobLooks, LookedAtJob } from './job-looks.ts';

export interface JobWatchDeps {
  batchQueue: Pick<Queue, 'depth'>;
  looks: Pick<JobLooks, 'look'>;
  /** Called after each look with active jobs. Absent in a dry run, which repairs nothing. */
  repair?: (jobs: readonly LookedAtJob[], depth: QueueDepth) => Promise<void>;
  metrics: Pick<Metrics, 'callFailed'>;
  log: Pick<Logger, 'warn'>;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
}

/** A look costs a listing, and another for each active job. */
const LOOK_EVERY_MS = 10_000;
/** Without jobs, only the depth of the batch queue is read. */
const IDLE_EVERY_MS = 60_000;

/**
 * Knows the active jobs. It looks at the start, when a gateway says that they have changed, when the batch queue
 * is not empty, and every 10 s while any is active.
 */
export class JobWatch {
  readonly #deps: JobWatchDeps;
  #current: Observed<readonly LookedAtJob[]> = {
    kind: 'unknown',
    reason: 'not looked at yet',
  };
  #changed = true;
  #wake = new AbortController();
  /** What the last progress was, and when: a page was listed or done, or a job began or ended. */
  #progress = { text: '', atMs: 0 };
  #failing = false;

  constructor(deps: JobWatchDeps) {
    this.#deps = deps;
  }

  get current(): Observed<readonly ActiveJob[]> {
    return this.#current.kind === 'unknown'
      ? this.#current
      : { kind: 'known', value: this.#current.value.map(({ demand }) => demand) };
  }

  /** For how long no active job has made progress; 0 without an active job. */
  get stalledSeconds(): number {
    if (this.#current.kind === 'unknown' || this.#current.value.length === 0) return 0;
    return (this.#deps.clock.monotonicMs() - this.#progress.atMs) / 1000;
  }

  /** A job was created or stopped: look at once. */
  readonly changed = (): void => {
    this.#changed = true;
    this.#wake.abort();
  };

  /** Watches until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const waitMs = await this.step();
      // An event that came during the step has ended the wait already.
      await this.#deps.clock.sleep(waitMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Looks if there may be jobs. Resolves with the time until the next step. */
  async step(): Promise<number> {
    const { batchQueue, looks, repair } = this.#deps;
    const changed = this.#changed;
    this.#changed = false;
    const depth = await tryCall(() => batchQueue.depth());
    if (depth.kind === 'failed') this.#failed(depth.detail);
    const isIdle = this.#current.kind === 'known' && this.#current.value.length === 0;
    if (isIdle && !changed && (depth.kind === 'failed' || isEmpty(depth.answer)))
      return IDLE_EVERY_MS;
    const looked = await tryCall(() => looks.look());
    if (looked.kind === 'failed') {
      this.#failed(looked.detail);
      this.#current = { kind: 'unknown', reason: looked.detail };
      this.#changed ||= changed;
      return LOOK_EVERY_MS;
    }
    const jobs = looked.answer;
    this.#current = { kind: 'known', value: jobs };
    this.#note(jobs);
    if (depth.kind === 'failed') return LOOK_EVERY_MS;
    this.#failing = false;
    if (jobs.length === 0) return IDLE_EVERY_MS;
    await repair?.(jobs, depth.answer);
    return LOOK_EVERY_MS;
  }

  #note(jobs: readonly LookedAtJob[]): void {
    const text = jobs.map(({ id, pages }) => `${id} ${pages.listed} ${pages.done}`).join();
    if (text !== this.#progress.text)
      this.#progress = { text, atMs: this.#deps.clock.monotonicMs() };
  }

  #failed(detail: string): void {
    const { metrics, log } = this.#deps;
    metrics.callFailed('look-at-jobs', 'failed');
    if (!this.#failing) log.warn({ event: 'jobs.look-failed', detail }, 'jobs not looked at');
    this.#failing = true;
  }
}

const isEmpty = ({ visible, inFlight, delayed }: QueueDepth) => visible + inFlight + delayed === 0;
