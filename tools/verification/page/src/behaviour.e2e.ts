import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { failed, succeeded } from './testing/answers.ts';
import { hasBrowser } from './testing/browser.ts';
import { image, images, phases, useStub, WAIT } from './testing/set-up.ts';

const setUp = useStub();

describe.skipIf(!hasBrowser)('the page', () => {
  test('sends each image once, gathers all in one batch and shows results in their places', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', await images(12));
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    expect(stub.batches[0]).toHaveLength(12);
    const sent = browser.requests.filter((url) => url.endsWith('/v1/classifications'));
    expect(sent).toHaveLength(12);
    expect(await page.title()).toBe('(0/12) labelfleet');
    // The last ones first: rows do not move.
    stub.complete((_, index) => (index >= 9 ? succeeded('goldfish', 0.95) : undefined));
    await expect.poll(() => page.title(), WAIT).toBe('(3/12) labelfleet');
    stub.complete(() => succeeded('goldfish', 0.95));
    await expect.poll(() => page.title(), WAIT).toBe('(12/12) labelfleet');
    expect(await page.locator('.name').allTextContents()).toEqual(
      Array.from({ length: 12 }, (_, index) => `image-${index}.jpg`),
    );
    expect(new URL(page.url()).hash).toBe('#b=batch-0');
  });

  test('shows markup in a file name as text', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    const name = '<img src=x onerror=alert(1)>.jpg';
    await page.setInputFiles('#files', await image(name));
    await expect.poll(() => page.locator('.name').textContent(), WAIT).toBe(name);
    expect(await page.locator('.name img').count()).toBe(0);
    expect(browser.errors).toEqual([]);
  });

  test('refuses HEIC by its name, and a dropped link by a sentence', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', { ...(await image('IMG_1.HEIC')), mimeType: '' });
    await page.getByText('HEIC images cannot be read').waitFor();
    expect(stub.requests).toEqual([]);
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/uri-list', 'https://example.org/a.jpg');
      document.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
    });
    await page.getByText('That was a link, not a file.').waitFor();
  });

  test('takes pasted and dropped images', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.evaluate(() => {
      const transfer = (name: string) => {
        const data = new DataTransfer();
        data.items.add(new File(['bytes'], name, { type: 'image/png' }));
        return data;
      };
      document.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: transfer('pasted.png') }),
      );
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer('dropped.png') }));
    });
    await expect
      .poll(() => stub.requests.map(({ fileName }) => fileName).sort(), WAIT)
      .toEqual(['dropped.png', 'pasted.png']);
  });

  test('retries a failed image that may succeed, and offers no retry for one that cannot', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', await images(2));
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    const exhausted = {
      ...failed,
      problem: { ...failed.problem, type: 'urn:labelfleet:problem:attempts-exhausted' },
    };
    stub.complete(({ fileName }) => (fileName === 'image-0.jpg' ? exhausted : failed));
    await page.getByRole('button', { name: 'Retry failed (1)' }).click();
    await expect.poll(() => stub.requests, WAIT).toHaveLength(3);
    await page.locator('[data-phase=queued]').waitFor();
    expect(await phases(page)).toEqual(['queued', 'failed']);
    stub.complete(() => succeeded('goldfish', 0.95));
    await expect.poll(() => phases(page), WAIT).toEqual(['succeeded', 'failed']);
  });

  test('filters, and exports what it shows', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', [await image('=1+1.jpg'), await image('b.jpg')]);
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    stub.complete(({ fileName }) => (fileName === 'b.jpg' ? failed : succeeded('goldfish', 0.9)));
    await expect.poll(() => phases(page), WAIT).toEqual(['succeeded', 'failed']);
    await page.getByRole('button', { name: 'Failed 1' }).click();
    await expect
      .poll(() => page.locator('.row:visible .name').allTextContents())
      .toEqual(['b.jpg']);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const csv = await readFile(await (await download).path(), 'utf8');
    expect(csv.split('\r\n')[1]).toMatch(/^'=1\+1\.jpg,succeeded,goldfish,0.9,/);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('#samples').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await page.locator('#samples').waitFor();
    expect(await phases(page)).toEqual([]);
  });

  test('can be used by keyboard alone', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.locator('#samples').waitFor();
    const press = async (id: string, key: string, most = 30) => {
      const isThere = () =>
        page.evaluate((selector) => document.activeElement?.matches(selector) === true, id);
      for (let presses = 0; !(await isThere()); presses++) {
        if (presses > most) throw new Error(`The keyboard does not reach ${id}`);
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press(key);
    };
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('files');
    await press('[data-sample]', 'Enter');
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    stub.complete(() => succeeded('ladybug', 0.95));
    await page.locator('[data-phase=succeeded]').waitFor();
    await page.locator('#files').focus();
    await press('.row summary', 'Enter');
    await page.locator('.row code').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Details');
    await page.locator('#files').focus();
    await press('#clear', 'Enter');
    await page.locator('#samples').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('files');
  });

  test('keeps bars and the chosen filter visible in forced colours', async () => {
    await using run = await setUp({ forcedColors: 'active' });
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.setInputFiles('#files', await images(1));
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    stub.complete(() => succeeded('orange', 0.95));
    await page.locator('.row summary').click();
    const colours = await page
      .locator('.row .bar')
      .first()
      .evaluate((bar) => [
        getComputedStyle(bar).backgroundColor,
        getComputedStyle(bar.firstElementChild ?? bar).backgroundColor,
      ]);
    expect(colours[0]).not.toBe(colours[1]);
  });

  test('announces at most once in 5 s', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await page.evaluate(() => {
      const region = document.getElementById('announcer');
      const said: number[] = [];
      Object.assign(window, { said });
      if (region)
        new MutationObserver(() => said.push(performance.now())).observe(region, {
          childList: true,
        });
    });
    await page.setInputFiles('#files', await images(10));
    await expect.poll(() => stub.batches, WAIT).toHaveLength(1);
    for (let done = 1; done <= 10; done++) {
      stub.complete((_, index) => (index < done ? succeeded('orange', 0.95) : undefined));
      await expect.poll(() => page.title(), WAIT).toBe(`(${done}/10) labelfleet`);
    }
    await expect
      .poll(() => page.locator('#announcer').textContent(), WAIT)
      .toBe('10 of 10 images classified');
    const said = await page.evaluate(() => (window as unknown as { said: number[] }).said);
    said.slice(1).forEach((at, index) => expect(at - (said[index] ?? 0)).toBeGreaterThan(4_900));
  });
});
