import type { Job } from '@labelfleet/client/jobs';
import { el, setText, setTextOrHide } from '../show/dom.ts';
import type { JobActions } from './job-actions.ts';
import { countWords, factWords, originWords, sourceWords, STATUS_WORDS } from './job-words.ts';
import { isOpen, type JobsState } from './jobs-state.ts';

/** The list element of one job. */
export class JobCard {
  readonly element: HTMLLIElement;
  readonly #status = el('span', { class: 'status' });
  readonly #progress: HTMLProgressElement;
  readonly #classified = el('span');
  readonly #failed = el('span', { class: 'wrong' });
  readonly #skipped = el('span');
  readonly #facts = el('p', { class: 'quiet' });
  readonly #stop = el('p', { class: 'note' });
  readonly #note = el('p', { class: 'note', role: 'status' });
  readonly #results: HTMLElement;
  readonly #resultsTitle = el('span');
  readonly #errors: HTMLElement;
  readonly #cancel = el('button', { type: 'button', class: 'button' }, 'Cancel');
  #job: Job;

  constructor(job: Job, actions: JobActions) {
    this.#job = job;
    const source = sourceWords(job);
    this.#progress = el('progress', { 'aria-label': `Progress of ${source}` });
    this.#results = this.#downloads(actions, 'Results', this.#resultsTitle);
    this.#errors = this.#downloads(actions, 'Errors', el('span', {}, 'Errors'));
    this.#cancel.addEventListener('click', () => void actions.cancel(this.#job));
    this.element = el(
      'li',
      { class: 'job' },
      el('p', { class: 'job-head buttons' }, el('strong', {}, source), this.#status),
      el('p', { class: 'quiet' }, originWords(job)),
      this.#progress,
      el('p', { class: 'counts' }, this.#classified, this.#failed, this.#skipped),
      this.#facts,
      this.#stop,
      el('div', { class: 'buttons' }, this.#results, this.#errors, this.#cancel),
      this.#note,
    );
  }

  update(job: Job, note: JobsState['note'], now: number): void {
    this.#job = job;
    const { status, counts, stop } = job;
    const { classified, failed, skipped } = countWords(job);
    this.element.dataset['status'] = status;
    setText(this.#status, STATUS_WORDS[status]);
    this.#showProgress(job);
    setText(this.#classified, classified);
    setTextOrHide(this.#failed, failed);
    setTextOrHide(this.#skipped, skipped);
    setText(this.#facts, factWords(job, now));
    setTextOrHide(this.#stop, stop?.detail ?? '');
    setText(this.#resultsTitle, isOpen(job) ? 'Results so far' : 'Results');
    this.#results.hidden = counts.succeeded + counts.failed === 0;
    this.#errors.hidden = counts.failed === 0;
    this.#cancel.hidden = !isOpen(job) || status === 'canceling';
    setTextOrHide(this.#note, note?.id === job.id ? note.text : '');
  }

  /** A part of what is listed, once it is known how much that is. */
  #showProgress({ counts: { listed, remaining }, ...job }: Job): void {
    this.#progress.hidden = !isOpen(job);
    if (remaining === null || listed === 0) {
      this.#progress.removeAttribute('value');
      return;
    }
    this.#progress.max = listed;
    this.#progress.value = listed - remaining;
  }

  /** @param kind `Results` or `Errors` */
  #downloads(actions: JobActions, kind: string, title: HTMLElement): HTMLElement {
    const lines = kind.toLowerCase();
    const links = ['CSV', 'JSONL'].map((text) => {
      const format = text.toLowerCase();
      const { id } = this.#job;
      const href = `v1/jobs/${id}/${lines}?format=${format}`;
      const attributes = { class: 'button', href, download: '', 'aria-label': `${kind}, ${text}` };
      const link = el('a', attributes, text);
      link.addEventListener('click', (event) => {
        if (actions.download(this.#job, href, `job-${id}-${lines}.${format}`))
          event.preventDefault();
      });
      return link;
    });
    return el('span', { class: 'downloads' }, title, ...links);
  }
}
