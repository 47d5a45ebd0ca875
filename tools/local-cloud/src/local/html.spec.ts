import { expect, test } from 'vitest';

import { html } from './html.ts';

test('escapes interpolated values, except markup', () => {
  const items = ['<b>', '"&"'].map((text) => html`<li>${text}</li>`);
  const page = html`<ul>
    ${items}
  </ul>`;
  expect(page.markup.replace(/\s/g, '')).toBe(
    '<ul><li>&#60;b&#62;</li><li>&#34;&#38;&#34;</li></ul>',
  );
});
