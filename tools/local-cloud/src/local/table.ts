import { html, Html } from './html.ts';

/** The head of a column of numbers. */
export const ofNumbers = (head: string) => html`<th class="number">${head}</th>`;

export function table(heads: readonly (string | Html)[], rows: readonly Html[]): Html {
  if (rows.length === 0) return html`<p class="muted">none</p>`;
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => (head instanceof Html ? head : html`<th>${head}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A button for a change: the browser sends a POST, and returns to the page. */
export function button(label: string, address: string): Html {
  return html`<form method="post" action="${address}"><button>${label}</button></form>`;
}

/** Formats a time span in a few characters. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  return `${hours} h ${Math.floor((seconds % 3600) / 60)} min`;
}
