import { randomBytes } from 'node:crypto';

import { html, type Html } from './html.ts';
import { REFRESH } from './refresh.ts';
import { STYLE } from './style.ts';

/** A document, and a content security policy that allows only its own scripts and styles. */
export interface Page {
  readonly markup: string;
  readonly policy: string;
}

/** @param refreshes true if the parts with an id update while the page is visible */
export function pageOf(title: string, content: Html, refreshes = false): Page {
  const nonce = randomBytes(16).toString('base64');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
        ${
          refreshes
            ? [
                html`<script nonce="${nonce}" type="module">
                  ${REFRESH};
                </script>`,
              ]
            : []
        }
      </head>
      <body>
        <h1><a href="/_local/">local-cloud</a>${title === 'local-cloud' ? '' : ` / ${title}`}</h1>
        ${content}
      </body>
    </html>`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { markup: page.markup, policy };
}
