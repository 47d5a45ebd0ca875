import type { ServerResponse } from 'node:http';

import type { Page } from './page.ts';

export function sendPage(response: ServerResponse, { markup, policy }: Page): void {
  send(response, 200, { 'content-type': 'text/html', 'content-security-policy': policy }, markup);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, { 'content-type': 'text/plain' }, text);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, { 'content-type': 'application/json' }, `${JSON.stringify(body)}\n`);
}

/** Redirects the browser to the page after a change, so that a reload does not repeat the change. */
export function sendBack(response: ServerResponse, fragment: string): void {
  response.writeHead(303, { location: `/_local/${fragment}` });
  response.end();
}

function send(
  response: ServerResponse,
  status: number,
  headers: { 'content-type': string } & Record<string, string>,
  body: string,
): void {
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    // With no-referrer, the browser would not send the origin of a form, and the guard would refuse it.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    ...headers,
    'content-type': `${headers['content-type']}; charset=utf-8`,
  });
  response.end(body);
}
