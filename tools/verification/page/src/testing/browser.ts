import { existsSync } from 'node:fs';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

export const hasBrowser = CHROMIUM !== undefined;
if (!hasBrowser)
  process.stderr.write('No Chromium in /usr/bin: the page is not tested. Install `chromium`.\n');

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser profile: nothing is shared with another one. Disposing of it closes its pages. */
export interface Profile extends AsyncDisposable {
  readonly context: BrowserContext;
  /** The addresses of all requests of its pages. */
  readonly requests: readonly string[];
  /** What its pages wrote to the console as an error, and errors that they did not catch. */
  readonly errors: readonly string[];
  open(url: URL | string): Promise<Page>;
}

/** Starts Chromium before the tests of a file and ends it after them. @returns makes a fresh profile */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<Profile> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (CHROMIUM !== undefined)
      browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGS });
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    if (browser === undefined) throw new Error('There is no Chromium');
    const context = await browser.newContext(options);
    const requests: string[] = [];
    const errors: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    context.on('weberror', (error) => errors.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    return {
      context,
      requests,
      errors,
      async open(url) {
        const page = await context.newPage();
        await page.goto(String(url));
        return page;
      },
      [Symbol.asyncDispose]: () => context.close(),
    };
  };
}
