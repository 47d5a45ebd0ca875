import { byId, el, setText, setTextOrHide } from './dom.ts';
import { canRetry } from '../state/rows.ts';
import { RowView } from './show-row.ts';
import { FILTERS, isKeyMissing, type Filter, type State } from '../state/state.ts';
import { countRows, summary, title, type Counts } from '../words/counts.ts';
import { sureScore } from '../words/result-words.ts';
import { waitingSentence } from '../words/waiting-words.ts';

const FILTER_WORDS: Readonly<Record<Filter, string>> = {
  all: 'All',
  done: 'Done',
  waiting: 'Waiting',
  failed: 'Failed',
};

/** @param onFilter is called with the filter that the user chooses */
export function pageView(onFilter: (filter: Filter) => void): (state: State, now: number) => void {
  const views = new Map<string, RowView>();
  const rows = byId('rows');
  const filters = filterButtons(onFilter);

  function showRows(state: State, now: number): void {
    const ids = new Set(state.rows.map(({ id }) => id));
    for (const [id, view] of views) {
      if (ids.has(id)) continue;
      view.element.remove();
      views.delete(id);
    }
    const context = {
      now,
      filter: state.filter,
      sureScore: sureScore(state.model),
      hasKey: state.apiKey === 'entered',
    };
    for (const row of state.rows) {
      let view = views.get(row.id);
      if (view === undefined) {
        view = new RowView(row);
        views.set(row.id, view);
        rows.append(view.element);
      }
      view.update(row, context);
    }
  }

  return (state, now) => {
    const counts = countRows(state.rows);
    const isEmpty = counts.total === 0;
    document.title = title(state);
    byId('list').hidden = isEmpty;
    byId('samples').hidden = !isEmpty;
    byId('drop').classList.toggle('small', !isEmpty);
    setTextOrHide(byId('notice'), state.notice);
    showKey(state);
    showModel(state);
    showRows(state, now);
    if (isEmpty) return;
    setText(byId('summary'), summary(state));
    const progress = byId<HTMLProgressElement>('progress');
    progress.max = counts.total;
    progress.value = counts.total - counts.waiting;
    progress.hidden = counts.waiting === 0;
    setTextOrHide(byId('waiting'), waitingSentence(state, now));
    filters(state.filter, counts);
    byId('none').hidden = state.filter === 'all' || counts[state.filter] > 0;
    const again = state.rows.filter(canRetry).length;
    setTextOrHide(byId('retry'), again === 0 ? '' : `Retry failed (${again})`);
  };
}

function filterButtons(onFilter: (filter: Filter) => void) {
  const buttons = FILTERS.map((filter) => {
    const button = el('button', { type: 'button' });
    button.addEventListener('click', () => onFilter(filter));
    return { filter, button };
  });
  byId('filter').replaceChildren(...buttons.map(({ button }) => button));
  return (chosen: Filter, counts: Counts) => {
    for (const { filter, button } of buttons) {
      const count = filter === 'all' ? counts.total : counts[filter];
      setText(button, `${FILTER_WORDS[filter]} ${count}`);
      button.setAttribute('aria-pressed', String(filter === chosen));
    }
  };
}

function showKey(state: State): void {
  byId('key').hidden = !isKeyMissing(state);
  setText(
    byId('key-hint'),
    state.apiKey === 'refused'
      ? 'The gateway does not accept this key. Check it, or ask the operator for another.'
      : 'This gateway wants a key. It is kept until this tab is closed. Chosen images wait.',
  );
}

function showModel({ model }: State): void {
  if (model === undefined) return;
  const { name, version, labels } = model;
  setText(byId('model'), `The model ${name} ${version} knows ${labels.length} things`);
  const knows = byId<HTMLDetailsElement>('knows');
  knows.hidden = false;
  const [heading, list] = knows.children;
  if (heading) setText(heading, `The ${labels.length} things that ${name} knows`);
  if (list) setText(list, labels.join(', '));
}
