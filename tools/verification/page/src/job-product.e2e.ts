import type { JobLine } from '@labelfleet/client/jobs';
import { judgeLines } from '@labelfleet/end-to-end/jobs/judge-lines';
import { storeImages, type StoredImages } from '@labelfleet/end-to-end/jobs/stored-images';
import { startStack, type StackUnderTest } from '@labelfleet/end-to-end/stack-under-test';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, useBrowser } from './testing/browser.ts';

const IMAGES = 1_000;
/** Every twentieth one is bad. */
const FAILED = IMAGES / 20;
const WAIT = { timeout: 80_000 };

const newProfile = useBrowser();

describe.skipIf(!hasBrowser)('a job on the page with the product', () => {
  let stack: StackUnderTest;
  let images: StoredImages;
  let address: string;
  beforeAll(async () => {
    stack = await startStack({ MIN_WORKERS: '1', MAX_WORKERS: '1' });
    images = await storeImages(stack.images, 'uploads/many/', IMAGES);
    address = `s3://${stack.images.bucket}/${images.prefix}`;
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  async function open(page: Page, address: string) {
    await page.locator('#jobs').waitFor();
    if (!(await page.locator('#job-form').isVisible())) await page.locator('#jobs summary').click();
    await page.getByLabel('in S3').fill(address);
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
  const status = (page: Page) => page.locator('.job .status').first().textContent();

  test('is priced, started, followed and downloaded', async () => {
    await using profile = await newProfile();
    const page = await profile.open(stack.url);
    await open(page, address);
    await press(page, 'What would it cost?');
    await expect
      .poll(() => page.locator('#job-answer').textContent(), WAIT)
      .toMatch(/^1,000 images, [\d.]+ (KB|MB): \$[\d.]+( to \$[\d.]+)?, .* with 1 worker\.$/);
    expect(await page.locator('#job-more').textContent()).not.toBe('');
    await press(page, 'Start');
    await page.locator('.job').waitFor();
    const bar = page.locator('.job progress');
    const isUnderWay = () =>
      bar.evaluate((one) => !one.matches('[hidden]') && (one as HTMLProgressElement).position > 0);
    await expect.poll(isUnderWay, WAIT).toBe(true);
    await expect.poll(() => status(page), WAIT).toBe('Done');
    expect(await page.locator('.counts').textContent()).toBe(
      `${IMAGES - FAILED} of 1,000 images classified${FAILED} failed`,
    );
    const linesOf = async (name: string) => {
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name }).click();
      const text = await readFile(await (await download).path(), 'utf8');
      return text.trimEnd().split('\n');
    };
    const lines = (await linesOf('Results, JSONL')).map((line) => JSON.parse(line) as JobLine);
    expect(judgeLines(lines, stack.images.bucket, images)).toEqual({
      lost: [],
      double: [],
      foreign: [],
      wrong: [],
    });
    expect(await linesOf('Errors, JSONL')).toHaveLength(FAILED);
    // Nothing was refused by the policy of the page.
    expect(profile.errors).toEqual([]);
  });

  test('is canceled, and says what was left out', async () => {
    await using profile = await newProfile();
    const page = await profile.open(stack.url);
    page.on('dialog', (dialog) => void dialog.accept());
    await open(page, address);
    await press(page, 'Start');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => status(page), WAIT).toBe('Canceled');
    await page.locator('.job').first().getByText('left out').waitFor();
    await page.locator('.job').first().getByText('What is done stays done.').waitFor();
  });

  test('may not read the images of others', async () => {
    await using profile = await newProfile();
    const page = await profile.open(stack.url);
    await open(page, 's3://private-photos/');
    await press(page, 'Start');
    await page.locator('#job-more', { hasText: 'JOB_SOURCES' }).waitFor();
    expect(await page.locator('#job-answer').getAttribute('class')).toBe('wrong');
  });
});
