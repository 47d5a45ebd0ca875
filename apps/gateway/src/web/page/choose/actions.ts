import { byId } from '../show/dom.ts';
import { toCsv, toJson, toText } from '../words/export.ts';
import { randomKey } from '@labelfleet/client';
import { saveFile } from './save-file.ts';
import { canRetry } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import { countRows } from '../words/counts.ts';
import { plural } from '../words/numbers.ts';

/** Wires the buttons above the list. */
export function wireActions(store: Store): void {
  const { dispatch } = store;
  const rows = () => store.state.rows;
  const notice = (text: string) => dispatch({ kind: 'noticed', notice: text });
  const on = (id: string, act: () => void) => byId(id).addEventListener('click', act);

  on('retry', () => {
    const keys = rows()
      .filter(canRetry)
      .map(({ id }) => [id, randomKey()] as const);
    dispatch({ kind: 'retried', keys: Object.fromEntries(keys) });
  });
  on('copy', () => {
    void copy(toText(rows())).then((done) =>
      notice(done ? 'File names and labels are in the clipboard.' : CANNOT_COPY),
    );
  });
  on('csv', () => saveText('labels.csv', 'text/csv', toCsv(rows())));
  on('json', () => saveText('labels.json', 'application/json', toJson(rows())));
  on('share', () => {
    const inNoBatch = rows().filter(({ batchId }) => !batchId).length;
    if (inNoBatch === rows().length) {
      notice('There is a link once the images are sent.');
      return;
    }
    const without =
      inNoBatch > 0 ? ` It is without ${plural(inNoBatch, 'image')} not yet accepted.` : '';
    void copy(location.href).then((done) =>
      notice(done ? `The link to these results is in the clipboard.${without}` : CANNOT_COPY),
    );
  });
  on('clear', () => {
    const { waiting } = countRows(rows());
    const some = plural(waiting, 'image has', 'images have');
    if (waiting > 0 && !confirm(`${some} no label yet. Clear the list?`)) return;
    dispatch({ kind: 'cleared' });
    byId('files').focus();
  });
}

const CANNOT_COPY =
  'This browser does not let the page use the clipboard. Copy the address instead.';

const saveText = (name: string, type: string, text: string) =>
  saveFile(name, new Blob([text], { type: `${type};charset=utf-8` }));

/** @returns false if the browser refuses. Browsers have the clipboard on https and on this machine only. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
