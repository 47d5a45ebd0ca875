import { startStack, type StackUnderTest } from '@labelfleet/end-to-end/stack-under-test';
import { startApp } from '@labelfleet/testkit/app-process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, useBrowser } from './testing/browser.ts';
import { startProxy } from './testing/proxy.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');
/** Its bundle, which `startStack` has built. */
const GATEWAY = join(WORKSPACE, 'dist/apps/gateway/main.js');
const LABELS = ['ladybug', 'orange', 'candle', 'sunglasses', 'alp', 'seashore'];
const WAIT = { timeout: 60_000 };
const OFFLINE_MS = 10_000;

const labelOf = (index: number) => LABELS[index % LABELS.length] ?? '';
const example = (label: string) => readFile(join(WORKSPACE, 'examples', `${label}.jpg`));

/** Example images, each under another name. */
const images = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => ({
      name: `${labelOf(index)}-${index}.jpg`,
      mimeType: 'image/jpeg',
      buffer: await example(labelOf(index)),
    })),
  );

const newProfile = useBrowser();

/** What the page shows: file name and headline of each row, in their order. */
const shown = (page: Page) =>
  page
    .locator('.row')
    .evaluateAll((rows) =>
      rows.map((row) => [
        row.querySelector('.name')?.textContent,
        row.querySelector('.label strong')?.textContent,
      ]),
    );
const expected = (count: number) =>
  Array.from({ length: count }, (_, index) => [`${labelOf(index)}-${index}.jpg`, labelOf(index)]);
const accepted = (page: Page) =>
  page.locator('[data-phase=queued], [data-phase=succeeded]').count();
const expectAll = (page: Page, count: number) =>
  expect.poll(() => shown(page), WAIT).toEqual(expected(count));

describe.skipIf(!hasBrowser)('the page with the product', () => {
  let stack: StackUnderTest;
  beforeAll(async () => {
    stack = await startStack({ MAX_WORKERS: '2', IDLE_BEFORE_RELEASE_SECONDS: '120' });
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  const gateway = () =>
    startApp(GATEWAY, {
      ...stack.variables,
      AWS_EC2_METADATA_DISABLED: 'true',
      PORT: '0',
      METRICS_PORT: '0',
    });

  test('labels images, and says what is wrong with a truncated one and with a text', async () => {
    await using profile = await newProfile();
    const page = await profile.open(stack.url);
    const ladybug = await example('ladybug');
    await page.setInputFiles('#files', [
      ...(await images(18)),
      { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: ladybug.subarray(0, ladybug.length / 2) },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') },
    ]);
    await expect.poll(() => page.title(), WAIT).toBe('(20/20) labelfleet');
    const rows = await shown(page);
    expect(rows.slice(0, 18)).toEqual(expected(18));
    expect(rows.slice(18)).toEqual([
      ['cut.jpg', 'The image cannot be decoded'],
      ['notes.txt', 'The media type or encoding is not supported'],
    ]);
    expect(await page.locator('#summary').textContent()).toBe(
      '18 of 20 images classified, 2 failed',
    );
    expect(await page.locator('#retry').isHidden()).toBe(true);
    await expect.poll(() => page.locator('#model').textContent()).toContain('everyday-100');
    expect(
      profile.requests.filter(
        (url) => !url.startsWith(stack.url.href) && !/^(blob|data):/.test(url),
      ),
    ).toEqual([]);
  });

  test('goes on after 10 s offline in the middle of the upload, without a lost or a double image', async () => {
    await using profile = await newProfile();
    await using proxy = await startProxy(stack.url);
    proxy.uploadMs = 500;
    const page = await profile.open(proxy.url);
    await page.setInputFiles('#files', await images(20));
    await expect.poll(() => accepted(page), WAIT).toBeGreaterThan(4);
    await profile.context.setOffline(true);
    await page.getByText('This browser is offline.').waitFor();
    await delay(OFFLINE_MS);
    expect(await page.locator('[data-phase=failed]').count()).toBe(0);
    await profile.context.setOffline(false);
    await expectAll(page, 20);
    expect(await distinctIds(page)).toBe(20);
  });

  test('goes on when its gateway is killed and another one is behind the same proxy', async () => {
    await using profile = await newProfile();
    await using first = gateway();
    await using second = gateway();
    await using proxy = await startProxy(await first.url);
    const next = await second.url;
    proxy.uploadMs = 300;
    const page = await profile.open(proxy.url);
    await page.setInputFiles('#files', await images(20));
    await expect.poll(() => accepted(page), WAIT).toBeGreaterThan(4);
    await first.kill();
    await page.getByText('answers in its place').waitFor();
    expect(await page.locator('[data-phase=failed]').count()).toBe(0);
    proxy.forward(next);
    await expectAll(page, 20);
    expect(await distinctIds(page)).toBe(20);
  });

  test('shows the same rows after a reload in the middle, and by its link in a fresh browser', async () => {
    await using profile = await newProfile();
    await using proxy = await startProxy(stack.url);
    proxy.uploadMs = 400;
    const page = await profile.open(proxy.url);
    await page.setInputFiles('#files', await images(12));
    await expect.poll(() => accepted(page), WAIT).toBeGreaterThan(2);
    await page.reload();
    await expectAll(page, 12);
    expect(await distinctIds(page)).toBe(12);
    await page.reload();
    await expectAll(page, 12);

    await using another = await newProfile();
    const shared = await another.open(page.url());
    // In the order of their acceptance.
    await expect.poll(async () => (await shown(shared)).sort(), WAIT).toEqual(expected(12).sort());
  });

  test('classifies without JavaScript', async () => {
    await using profile = await newProfile({ javaScriptEnabled: false });
    const page = await profile.open(stack.url);
    const [image] = await images(1);
    await page.setInputFiles('#files', image ?? []);
    await page.getByRole('button', { name: 'Classify' }).click();
    await page.waitForLoadState();
    expect(await page.locator('body').innerText()).toBe('ladybug');
  });
});

describe.skipIf(!hasBrowser)('the page with a cold fleet', () => {
  test('shows the scaler all 60 images before the first boot ends', async () => {
    await using stack = await startStack({ LOCAL_BOOT_SECONDS: '12', MAX_WORKERS: '2' });
    await using profile = await newProfile();
    const page = await profile.open(stack.url);
    await page.setInputFiles('#files', await images(60));
    const backlogBeforeBoot = async () => {
      const response = await fetch(new URL('/v1/fleet', stack.url));
      const { workers, queue } = (await response.json()) as {
        workers: Record<string, number>;
        queue: { backlog: number };
      };
      expect([workers['idle'], workers['busy']]).toEqual([0, 0]);
      return queue.backlog;
    };
    await expect.poll(backlogBeforeBoot, { timeout: 10_000 }).toBe(60);
    await expect
      .poll(() => page.locator('#waiting').textContent(), WAIT)
      .toMatch(/^No worker is up\. (One is|\d+ are) starting \(\d+ s/);
    await expectAll(page, 60);
  });
});

/** The ids of the requests, which the details of the rows show. */
async function distinctIds(page: Page): Promise<number> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'JSON' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  return new Set((JSON.parse(text) as { id: string }[]).map(({ id }) => id)).size;
}
