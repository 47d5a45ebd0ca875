import { bar, el, icon, setText, setTextOrHide } from './dom.ts';
import { curlCommand } from '../words/export.ts';
import type { Filter, Phase, Row } from '../state/state.ts';
import { dollars, percent } from '../words/numbers.ts';
import { phaseWords, resultWords, shown, timesWords } from '../words/result-words.ts';

const ICONS = {
  image: 'M4 5h16v14H4z M4 16l5-5 4 4 3-3 4 4 M15 9h.01',
  failed: 'M12 3 22 20H2z M12 10v4 M12 17h.01',
};

const FILTER_OF: Readonly<Record<Phase, Exclude<Filter, 'all'>>> = {
  unsent: 'waiting',
  sending: 'waiting',
  queued: 'waiting',
  succeeded: 'done',
  failed: 'failed',
};

export interface RowContext {
  now: number;
  filter: Filter;
  /** The lowest score of a sure label. */
  sureScore: number;
  hasKey: boolean;
}

/** The list element of one row. */
export class RowView {
  readonly element: HTMLLIElement;
  readonly #image = el('img', { alt: '' });
  readonly #icon = el('span', { class: 'placeholder' }, icon(ICONS.image));
  readonly #failureIcon = icon(ICONS.failed);
  readonly #name: HTMLElement;
  readonly #headline = el('strong');
  readonly #score = el('span', { class: 'score' });
  readonly #note = el('p', { class: 'note' });
  readonly #progress: HTMLProgressElement;
  /** The content of the details, apart from their summary, which keeps the focus. */
  readonly #more = el('div');
  readonly #details = el('details', {}, el('summary', {}, 'Details'), this.#more);
  #row: Row;
  #context: RowContext | undefined;

  constructor(row: Row) {
    this.#row = row;
    this.#name = el('p', { class: 'name', title: row.name }, row.name);
    this.#progress = el('progress', { 'aria-label': `Upload of ${row.name}`, max: '1' });
    this.#failureIcon.remove();
    this.element = el(
      'li',
      { class: 'row' },
      el('div', { class: 'thumb' }, this.#icon),
      el(
        'div',
        { class: 'body' },
        this.#name,
        el('p', { class: 'label' }, this.#headline, ' ', this.#score),
        this.#note,
        this.#progress,
        this.#details,
      ),
    );
    this.#details.addEventListener('toggle', () => this.#fillDetails());
  }

  update(row: Row, context: RowContext): void {
    const before = this.#context;
    const isSame =
      row === this.#row && before !== undefined && before.sureScore === context.sureScore;
    this.#row = row;
    this.#context = context;
    this.element.hidden = context.filter !== 'all' && context.filter !== FILTER_OF[row.phase];
    const isWaiting = FILTER_OF[row.phase] === 'waiting';
    if (isSame && !isWaiting) return;

    this.element.dataset['phase'] = row.phase;
    this.#showThumbnail(row);
    this.#showHeadline(row, context);
    setTextOrHide(this.#note, row.failure?.detail ?? '');
    this.#progress.hidden = row.phase !== 'sending';
    this.#progress.value = row.sent;
    this.#details.hidden = row.result === undefined;
    if (!isSame && this.#details.open) this.#fillDetails();
  }

  #showThumbnail({ thumbnail }: Row): void {
    if (thumbnail === undefined || this.#image.src === thumbnail) return;
    this.#image.src = thumbnail;
    this.#icon.replaceWith(this.#image);
  }

  #showHeadline(row: Row, context: RowContext): void {
    const headline = this.#headline.parentElement;
    if (row.failure === undefined) this.#failureIcon.remove();
    else headline?.prepend(this.#failureIcon);
    const words =
      row.phase === 'succeeded' && row.result && resultWords(row.result, context.sureScore);
    this.element.classList.toggle(
      'unsure',
      words !== undefined && words !== false && !words.isSure,
    );
    setText(
      this.#headline,
      words ? words.headline : (row.failure?.title ?? phaseWords(row, context.now)),
    );
    setTextOrHide(this.#score, words ? words.score : '');
  }

  #fillDetails(): void {
    const { result, name } = this.#row;
    if (!this.#details.open || result === undefined) return;
    const { predictions = [], model, timings, cost, id, attempts, worker } = result;
    const facts: [string, string | undefined][] = [
      ['Id', id],
      ['Model', model && `${model.name} ${model.version}, ${model.sha256.slice(0, 12)}`],
      ['Time', timings && timesWords(timings)],
      ['Attempts', attempts !== undefined && attempts > 1 ? String(attempts) : undefined],
      ['Worker', worker],
      ['Cost', cost && `${dollars(cost.total)}, 1,000 such images ${dollars(1000 * cost.total)}`],
    ];
    const origin = location.href.replace(/\/?([?#].*)?$/, '');
    this.#more.replaceChildren(
      el('ul', { class: 'predictions' }, ...shown(predictions).map(predictionItem)),
      el(
        'dl',
        {},
        ...facts.flatMap(([term, value]) =>
          value === undefined ? [] : [el('dt', {}, term), el('dd', {}, value)],
        ),
        el('dt', {}, 'Same call'),
        el('dd', {}, el('code', {}, curlCommand(name, origin, this.#context?.hasKey ?? false))),
      ),
      el('details', {}, el('summary', {}, 'JSON'), el('pre', {}, JSON.stringify(result, null, 2))),
    );
  }
}

const predictionItem = ({ label, score }: { label: string; score: number }) =>
  el(
    'li',
    {},
    el('span', { class: 'prediction-label' }, label),
    el('span', { class: 'prediction-score' }, percent(score)),
    bar(score),
  );
