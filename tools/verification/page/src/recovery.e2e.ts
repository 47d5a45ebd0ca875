import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { succeeded } from './testing/answers.ts';
import { hasBrowser } from './testing/browser.ts';
import { startProxy } from './testing/proxy.ts';
import { images, phases, useStub, WAIT } from './testing/set-up.ts';

const setUp = useStub();

/** How many images the browser keeps. */
const keptImages = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('labelfleet');
        opening.onsuccess = () => {
          const all = opening.result.transaction('rows').objectStore('rows').getAll();
          all.onsuccess = () => resolve(all.result.filter((row) => 'file' in row).length);
        };
      }),
  );

describe.skipIf(!hasBrowser)('between the page and the gateway', () => {
  test('asks for an API key, sends the images with it, and keeps it over a reload', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    stub.apiKey = 'lf_a_b';
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', await images(2));
    await page.getByLabel('API key').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('does not accept this key').waitFor();
    await page.getByLabel('API key').fill('lf_a_b');
    await page.keyboard.press('Enter');
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    stub.complete(() => succeeded('goldfish', 0.95));
    await expect.poll(() => phases(page), WAIT).toEqual(['succeeded', 'succeeded']);
    await page.reload();
    await expect.poll(() => phases(page), WAIT).toEqual(['succeeded', 'succeeded']);
    expect(await page.locator('#key').isHidden()).toBe(true);
  });

  test('sends again what a proxy answered in place of the gateway, with the same keys', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    await using proxy = await startProxy(stub.url);
    const page = await browser.open(proxy.url);
    await page.locator('#samples').waitFor();
    proxy.answerInPlace(502);
    await page.setInputFiles('#files', await images(8));
    await page.getByText('answers in its place').waitFor();
    proxy.answerInPlace(413);
    await expect.poll(() => proxy.answeredInPlace, WAIT).toBeGreaterThan(12);
    expect(await phases(page)).not.toContain('failed');
    proxy.forward();
    await expect.poll(() => stub.requests, WAIT).toHaveLength(8);
    await expect.poll(() => stub.batches.flat(), WAIT).toHaveLength(8);
    stub.complete(() => succeeded('goldfish', 0.95));
    await expect.poll(() => page.title(), WAIT).toBe('(8/8) labelfleet');
  });

  test('goes on with images that a closed tab has not sent', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const uploads = Promise.withResolvers<void>();
    stub.uploads = uploads.promise;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', await images(9));
    await page.locator('[data-phase=sending]').nth(5).waitFor();
    await expect.poll(() => keptImages(page), WAIT).toBe(9);
    await page.close();
    uploads.resolve();
    const another = await browser.open(stub.url);
    await expect.poll(() => another.locator('.row').count(), WAIT).toBe(9);
    await expect.poll(() => stub.batches.flat(), WAIT).toHaveLength(9);
    expect(stub.requests).toHaveLength(9);
    expect(await another.locator('.name').allTextContents()).toEqual(
      Array.from({ length: 9 }, (_, index) => `image-${index}.jpg`),
    );
  });

  test('works below any path', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    await using proxy = await startProxy(stub.url, '/some/prefix/');
    const page = await browser.open(new URL('/some/prefix/', proxy.url));
    await page.getByRole('button', { name: 'A round orange fruit' }).click();
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    stub.complete(() => succeeded('orange', 0.95));
    await page.locator('[data-phase=succeeded]').waitFor();
    expect(browser.errors).toEqual([]);
  });
});
