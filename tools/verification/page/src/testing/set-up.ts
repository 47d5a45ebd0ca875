import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { useBrowser, type Profile } from './browser.ts';
import { fleetSnapshot } from './answers.ts';
import { startStubGateway, type StubGateway } from './stub-gateway.ts';

const LADYBUG = join(import.meta.dirname, '../../../../../examples/ladybug.jpg');

export const WAIT = { timeout: 15_000 };

export const image = (name: string) =>
  readFile(LADYBUG).then((buffer) => ({ name, mimeType: 'image/jpeg', buffer }));

export const images = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => image(`image-${index}.jpg`)));

/** The phase of each row, in their order. */
export const phases = (page: Page) =>
  page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-phase')));

interface SetUp extends AsyncDisposable {
  browser: Profile;
  stub: StubGateway;
}

/** Starts Chromium for the tests of a file. @returns makes a fresh profile and a stub of the gateway */
export function useStub(): (options?: BrowserContextOptions) => Promise<SetUp> {
  const newProfile = useBrowser();
  return async (options) => {
    const browser = await newProfile(options);
    const stub = await startStubGateway();
    stub.fleet = fleetSnapshot();
    return {
      browser,
      stub,
      async [Symbol.asyncDispose]() {
        await browser[Symbol.asyncDispose]();
        await stub[Symbol.asyncDispose]();
      },
    };
  };
}
