import { randomKey } from '@labelfleet/client';
import type { Job, JobRequest } from '@labelfleet/client/jobs';
import { saveFile } from '../choose/save-file.ts';
import { failedOutcome, outcome, type Api, type Outcome } from '../network/api.ts';
import { judge } from '../network/judge.ts';
import type { Store } from '../state/store.ts';
import type { JobWatch } from './job-watch.ts';
import { estimateSentence, failureWords, sourceWords } from './job-words.ts';

/** A job is repeated under its key for so long, and the user need not stay. */
const GIVE_UP_AFTER_MS = 300_000;
const CANCEL_GIVE_UP_AFTER_MS = 20_000;

/** What the user does with jobs. */
export class JobActions {
  readonly #api: Pick<Api, 'jobs' | 'file' | 'apiKey'>;
  readonly #store: Store;
  readonly #watch: JobWatch;
  /** A repeat of a request that may have been accepted has its key, so that there is one job. */
  #key = { request: '', value: '' };
  #estimating: AbortController | undefined;
  #isStarting = false;

  constructor(api: Pick<Api, 'jobs' | 'file' | 'apiKey'>, store: Store, watch: JobWatch) {
    this.#api = api;
    this.#store = store;
    this.#watch = watch;
  }

  /** Ends an estimate and forgets what came of the last one, because the form was changed. */
  forget = (): void => {
    this.#estimating?.abort();
    if (!this.#isStarting) this.#store.dispatch({ kind: 'job-answered', answer: undefined });
  };

  async estimate(request: JobRequest): Promise<void> {
    if (this.#isStarting) return;
    this.#estimating?.abort();
    const { signal } = (this.#estimating = new AbortController());
    this.#answer('The images are being counted, for up to 45 s.');
    const estimated = await outcome(this.#repeating().estimate(request, this.#options(signal)));
    if (signal.aborted) return;
    if (estimated.kind !== 'answer') return this.#refused(estimated);
    this.#answer(estimateSentence(estimated.answer), estimated.answer.basis.join(' '));
  }

  /** @returns whether the job was accepted */
  async start(request: JobRequest): Promise<boolean> {
    if (this.#isStarting) return false;
    this.#estimating?.abort();
    const text = JSON.stringify(request);
    if (text !== this.#key.request) this.#key = { request: text, value: randomKey() };
    this.#isStarting = true;
    this.#answer('The job is being started.');
    const idempotencyKey = this.#key.value;
    const created = await outcome(
      this.#repeating().create(request, { idempotencyKey, ...this.#options() }),
    );
    this.#isStarting = false;
    if (created.kind !== 'answer') {
      this.#refused(created, 'Press Start again: there is no second job.');
      return false;
    }
    this.#key = { request: '', value: '' };
    this.#changed(created.answer);
    this.#answer('The job is started. This page may be closed.');
    return true;
  }

  async cancel(job: Job): Promise<void> {
    if (!confirm(`Cancel the job for ${sourceWords(job)}? What is done stays done.`)) return;
    const note = this.#noteOf(job);
    note('Canceling.');
    const canceled = await outcome(this.#api.jobs(CANCEL_GIVE_UP_AFTER_MS).cancel(job.id));
    judge(this.#store, canceled);
    note(canceled.kind === 'answer' ? '' : `Not canceled. ${failureWords(canceled).text}`);
    if (canceled.kind === 'answer') this.#changed(canceled.answer);
  }

  /**
   * Downloads what a link names, where the link cannot because it sends no API key.
   * @returns false if the link is enough
   */
  download(job: Job, path: string, name: string): boolean {
    if (this.#api.apiKey === undefined) return false;
    void this.#save(job, path, name);
    return true;
  }

  async #save(job: Job, path: string, name: string): Promise<void> {
    const note = this.#noteOf(job);
    note('Downloading.');
    try {
      saveFile(name, await this.#api.file(path));
      note('');
    } catch (error) {
      note(`Not downloaded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #repeating = () => this.#api.jobs(GIVE_UP_AFTER_MS);

  #options = (signal?: AbortSignal) => ({
    signal,
    onRetry: ({ error }: { error: unknown }) => {
      const failed = failedOutcome(error);
      judge(this.#store, failed);
      this.#answer(`${failureWords(failed).text} Trying again.`);
    },
  });

  #changed(job: Job): void {
    this.#store.dispatch({ kind: 'job-read', job });
    this.#watch.hurry();
  }

  #noteOf =
    ({ id }: Job) =>
    (text: string): void =>
      this.#store.dispatch({ kind: 'job-noted', id, text });

  #answer(text: string, more = '', isRefusal = false): void {
    this.#store.dispatch({ kind: 'job-answered', answer: { text, more, isRefusal } });
  }

  #refused(refused: Exclude<Outcome<unknown>, { kind: 'answer' }>, ifUnanswered?: string): void {
    judge(this.#store, refused);
    const { text, more } = failureWords(refused, ifUnanswered);
    this.#answer(text, more, true);
  }
}
