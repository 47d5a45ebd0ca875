import { isDeepStrictEqual } from 'node:util';

import type { ListedFault } from '../faults/faults.ts';
import type { Entry } from '../faults/journal.ts';
import { FAULT_FIELDS, FAULT_KINDS, PRESETS } from './fault-form.ts';
import { html, type Html } from './html.ts';
import { button, ofNumbers, table } from './table.ts';

/** The number of journal entries that the page shows. */
const SHOWN_ENTRIES = 20;

/** Fields that have a column or do not help a reader. */
const COUNTED = ['id', 'state', 'matched', 'fired', 'setAt', 'seed'];

export function faultTable(faults: readonly ListedFault[]): Html {
  return html`${table(['fault', 'what', 'state', ofNumbers('matched'), ofNumbers('hit'), ''], faults.map(faultRow))}
  ${faults.length > 0 ? button('clear all', '/_local/faults/clear') : ''}`;
}

function faultRow(fault: ListedFault): Html {
  const { id, state, matched, fired } = fault;
  const what = Object.entries(fault).filter(
    ([name, value]) => !COUNTED.includes(name) && !isDeepStrictEqual(value, {}),
  );
  return html`<tr>
    <td class="short">${id}</td>
    <td class="code">${JSON.stringify(Object.fromEntries(what))}</td>
    <td>${state}</td>
    <td class="number">${matched}</td>
    <td class="number">${fired}</td>
    <td>${button('clear', `/_local/faults/${encodeURIComponent(id)}/clear`)}</td>
  </tr>`;
}

export function journalTable(entries: readonly Entry[]): Html {
  return table(
    ['at', 'fault', 'action', 'of', 'what happened'],
    entries
      .slice(-SHOWN_ENTRIES)
      .toReversed()
      .map(
        ({ at, fault, action, facts, outcome }) =>
          html`<tr>
            <td>${at.slice(11, 23)}</td>
            <td>${fault}</td>
            <td>${action}</td>
            <td class="code">${Object.values(facts).flat().join(' ')}</td>
            <td class="code">${JSON.stringify(outcome)}</td>
          </tr>`,
      ),
  );
}

export function faultForms(): Html {
  return html`<form method="post" action="/_local/faults" class="presets">
      ${PRESETS.map(
        ({ label }, index) => html`<button name="preset" value="${index}">${label}</button>`,
      )}
    </form>
    <details>
      <summary>another one</summary>
      <form method="post" action="/_local/faults" class="fields">
        <label
          >kind<select name="kind">
            ${FAULT_KINDS.map((kind) => html`<option>${kind}</option>`)}
          </select></label
        >
        ${FAULT_FIELDS.map((name) => html`<label>${name}<input name="${name}" /></label>`)}
        <button>set</button>
      </form>
      <p class="muted">
        Leave empty what does not matter. What each kind knows: docs/local-cloud-faults.md
      </p>
    </details>`;
}
