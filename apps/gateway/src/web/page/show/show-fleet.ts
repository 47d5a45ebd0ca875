import { bar, byId, el, setText } from './dom.ts';
import {
  costWords,
  fleetLine,
  sparkline,
  STATE_WORDS,
  tiles,
  type Tile,
} from '../words/fleet-words.ts';
import type { State } from '../state/state.ts';
import { duration } from '../words/numbers.ts';

const WIDE = matchMedia('(min-width: 720px)');

/** Shows the fleet panel: one line below 720 px until it is opened. */
export function fleetPanel(): (state: State, now: number) => void {
  const panel = byId<HTMLDetailsElement>('fleet');
  panel.open = WIDE.matches;
  WIDE.addEventListener('change', () => (panel.open = WIDE.matches));
  return ({ fleet }, now) => {
    panel.hidden = fleet === undefined;
    if (fleet === undefined) return;
    panel.classList.toggle('stale', fleet.stale);
    setText(byId('fleet-line'), fleetLine(fleet, now));
    const shown = tiles(fleet, now);
    byId('tiles').replaceChildren(...shown.map(tileItem));
    const { points, text } = sparkline(fleet);
    byId('backlog-line').setAttribute('points', points);
    setText(byId('backlog-text'), text);
    setText(byId('reason'), fleet.decision.reason);
    setText(byId('reason-age'), `${duration(now - Date.parse(fleet.decision.at))} ago`);
    setText(byId('cost'), costWords(fleet));
  };
}

const tileItem = ({ id, state, words, boot }: Tile) =>
  el(
    'li',
    { class: `tile ${state}`, title: id },
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('strong', {}, STATE_WORDS[state]),
    ' ',
    el('span', { class: 'quiet' }, words),
    ...(boot === undefined ? [] : [bar(boot)]),
  );
