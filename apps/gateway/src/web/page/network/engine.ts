import type { FollowEvent } from '@labelfleet/client';
import { failedOutcome, type Api, type Outcome } from './api.ts';
import { judge } from './judge.ts';
import { isPassing } from '../state/failure.ts';
import type { Files } from '../keep/files.ts';
import { backoffMs, dueGathering, dueStreams, dueUploads, type Stream } from './plan.ts';
import type { Row } from '../state/state.ts';
import type { Store } from '../state/store.ts';

/** A problem with a later Retry-After ends the row. */
const LONGEST_RETRY_AFTER_MS = 120_000;
const CHECK_EVERY_MS = 500;

interface EngineDeps {
  api: Pick<Api, 'upload' | 'gather' | 'batch' | 'follow'>;
  store: Store;
  files: Pick<Files, 'get'>;
}

/** Sends what is unsent, gathers what is accepted, and follows what is queued. */
export class Engine {
  readonly #deps: EngineDeps;
  readonly #streams = new Map<string, Stream & { stop: AbortController }>();
  /** The last event of each batch. */
  readonly #last = new Map<string, string>();
  /** Batches are not followed before this time. */
  readonly #followAfter = new Map<string, number>();
  #scheduled = false;
  #gathering = false;
  /** Rows are not gathered before this time. */
  #gatherAfter = 0;
  #failures = 0;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.store.listen(() => this.#schedule());
    setInterval(() => this.#schedule(), CHECK_EVERY_MS);
    this.#schedule();
  }

  /** Begins every waiting call now, because the connection is back or an API key was entered. */
  hurry(): void {
    this.#gatherAfter = 0;
    this.#followAfter.clear();
    this.#deps.store.dispatch({ kind: 'hurried' });
    this.#schedule();
  }

  /** Takes one step for all changes of this moment, those of a step itself among them. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#step();
    });
  }

  #step(): void {
    const { store } = this.#deps;
    const now = Date.now();
    for (const row of dueUploads(store.state, this.#streams.size, now)) void this.#upload(row);
    this.#gather(now);
    this.#follow(now);
  }

  async #upload({ id, key, tries }: Row): Promise<void> {
    const { api, store, files } = this.#deps;
    store.dispatch({ kind: 'upload-started', id });
    const file = files.get(id);
    if (file === undefined) throw new Error(`The row ${id} has no file`);
    const outcome = await api.upload(file, key, (sent) =>
      store.dispatch({ kind: 'upload-progressed', id, sent }),
    );
    judge(store, outcome);
    if (outcome.kind === 'answer') {
      store.dispatch({ kind: 'upload-accepted', id, answer: outcome.answer, at: Date.now() });
      return;
    }
    const { retryAfterMs } = outcome;
    if (outcome.kind === 'problem' && !isTemporary(outcome)) {
      store.dispatch({ kind: 'upload-refused', id, problem: outcome.problem });
      return;
    }
    const notBefore = Date.now() + backoffMs(tries, retryAfterMs, Math.random());
    store.dispatch({ kind: 'upload-unanswered', id, notBefore });
  }

  #gather(now: number): void {
    if (this.#gathering || now < this.#gatherAfter) return;
    const rows = dueGathering(this.#deps.store.state, now);
    if (rows.length === 0) return;
    this.#gathering = true;
    void this.#gatherRows(rows).then((pauseMs) => {
      this.#gathering = false;
      this.#gatherAfter = Date.now() + pauseMs;
      this.#schedule();
    });
  }

  /** Makes one batch of rows. @returns how long to wait before the next time */
  async #gatherRows(rows: readonly Row[]): Promise<number> {
    const { api, store } = this.#deps;
    const ids = rows.map(({ id }) => id);
    const outcome = await api.gather(rows.flatMap(({ requestId }) => requestId ?? []));
    judge(store, outcome);
    if (outcome.kind === 'answer') {
      const batch = outcome.answer;
      store.dispatch({ kind: 'gathered', ids, batchId: batch.id });
      store.dispatch({ kind: 'batch-read', batch, at: Date.now() });
    } else if (outcome.kind === 'problem' && !isTemporary(outcome)) {
      store.dispatch({ kind: 'gathering-refused', ids, problem: outcome.problem });
    } else {
      this.#failures += 1;
      return backoffMs(this.#failures, outcome.retryAfterMs, Math.random());
    }
    this.#failures = 0;
    return 0;
  }

  #follow(now: number): void {
    const { begin, end } = dueStreams(
      this.#deps.store.state,
      this.#streams,
      this.#followAfter,
      now,
    );
    for (const id of end) this.#streams.get(id)?.stop.abort();
    for (const id of begin) {
      const stop = new AbortController();
      this.#streams.set(id, { openedAt: now, stop });
      void this.#followBatch(id, stop.signal).then((pauseMs) => {
        this.#streams.delete(id);
        this.#followAfter.set(id, Date.now() + pauseMs);
        this.#schedule();
      });
    }
  }

  /** Reads a batch, then follows it. @returns how long to wait before the next time */
  async #followBatch(id: string, signal: AbortSignal): Promise<number> {
    const { api, store } = this.#deps;
    const outcome = await api.batch(id);
    judge(store, outcome);
    if (outcome.kind === 'problem' && outcome.problem.status === 404) {
      store.dispatch({ kind: 'batch-missing', batchId: id });
      return 0;
    }
    if (outcome.kind !== 'answer') {
      this.#failures += 1;
      return backoffMs(this.#failures, outcome.retryAfterMs, Math.random());
    }
    if (signal.aborted) return 0;
    store.dispatch({ kind: 'batch-read', batch: outcome.answer, at: Date.now() });
    if (outcome.answer.status === 'completed') return 0;
    const onEventId = (last: string) => {
      this.#failures = 0;
      store.dispatch({ kind: 'reached' });
      this.#last.set(id, last);
    };
    try {
      for await (const event of api.follow(id, this.#last.get(id), onEventId, signal))
        this.#tell(id, event);
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      judge(store, failedOutcome(error));
      this.#failures += 1;
      return backoffMs(this.#failures, undefined, Math.random());
    }
  }

  #tell(batchId: string, event: FollowEvent): void {
    const { dispatch } = this.#deps.store;
    switch (event.kind) {
      case 'progress':
        dispatch({ kind: 'batch-progressed', batchId, progress: event.progress, at: Date.now() });
        break;
      case 'completed':
        dispatch({ kind: 'item-completed', batchId, item: event.item });
        break;
      case 'done':
        dispatch({ kind: 'batch-done', batchId });
        break;
    }
  }
}

type ProblemOutcome = Extract<Outcome<unknown>, { kind: 'problem' }>;

/** True if the page sends the same again without being asked. A missing key is asked for. */
const isTemporary = ({ problem, retryAfterMs }: ProblemOutcome): boolean =>
  problem.status === 401 || (isPassing(problem) && (retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS);
