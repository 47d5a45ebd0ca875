import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

export const hasBrowser = CHROMIUM !== undefined;
if (!hasBrowser)
  process.stderr.write('No Chromium in /usr/bin: the page is not tested. Install `chromium`.\n');

type ContextOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>;

/** A browser with a profile of its own. Disposing of it closes the browser and removes the profile. */
export interface Profile extends AsyncDisposable {
  readonly context: BrowserContext;
  /** The addresses of all requests of its pages. */
  readonly requests: readonly string[];
  /** What its pages wrote to the console as an error, and errors that they did not catch. */
  readonly errors: readonly string[];
  open(url: URL | string): Promise<Page>;
}

export async function startBrowser(options: ContextOptions = {}): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'page-test-'));
  const context = await chromium.launchPersistentContext(folder, {
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  });
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
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
