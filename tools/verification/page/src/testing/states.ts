import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { failed, fleetSnapshot, succeeded } from './answers.ts';
import { jobsOfEveryState } from './job-answers.ts';
import type { StubGateway } from './stub-gateway.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples');
const NAMES = ['ladybug', 'orange', 'candle', 'sunglasses', 'alp', 'seashore'];
const images = NAMES.map((name) => join(EXAMPLES, `${name}.jpg`));
const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') };
const heic = { name: 'IMG_0001.HEIC', mimeType: 'image/heic', buffer: Buffer.from('x') };

const choose = (page: Page, files: Parameters<Page['setInputFiles']>[1] = images) =>
  page.setInputFiles('#files', files);
const choseTheOthers = (page: Page) => choose(page, [text, heic]);

function completeAll(stub: StubGateway) {
  stub.complete(({ fileName }, index) =>
    fileName === 'candle.jpg'
      ? failed
      : succeeded(fileName.replace(/\..*/, ''), index === 4 ? 0.37 : 0.98 - index / 20),
  );
}

async function showResults(page: Page, stub: StubGateway) {
  await choose(page);
  await page.locator('#waiting', { hasText: 'ready' }).waitFor();
  // Only what was accepted can be completed.
  await page
    .locator('[data-phase=queued]')
    .nth(images.length - 1)
    .waitFor();
  completeAll(stub);
  await page.locator('[data-phase=succeeded]').nth(4).waitFor();
}

/** Every state of the page, and how to get there. */
export const STATES: Readonly<Record<string, (page: Page, stub: StubGateway) => Promise<void>>> = {
  async empty(page) {
    await page.locator('#fleet').waitFor();
    await page.locator('#knows').waitFor();
  },
  async uploading(page, stub) {
    stub.uploads = new Promise(() => undefined);
    await choose(page);
    await page.locator('[data-phase=sending]').first().waitFor();
  },
  async waiting(page, stub) {
    const workers = { booting: 1, idle: 0, busy: 0, draining: 0, suspected: 0 };
    const instances = fleetSnapshot().instances.slice(2, 3);
    stub.fleet = fleetSnapshot({ workers, instances });
    stub.estimatedWait = { lowSeconds: 10, highSeconds: 20, basis: 'a boot' };
    await choose(page);
    await page.locator('#waiting', { hasText: 'ready in' }).waitFor();
    await page.locator('[data-phase=queued] img').nth(5).waitFor();
  },
  results: showResults,
  async failures(page, stub) {
    await choseTheOthers(page);
    await showResults(page, stub);
    await page.locator('[data-phase=failed]').nth(2).waitFor();
  },
  async 'details open'(page, stub) {
    await showResults(page, stub);
    await page.locator('.row summary').first().click();
    await page.locator('.row code').waitFor();
  },
  async 'fleet silent'(page, stub) {
    stub.fleet = fleetSnapshot({ stale: true, at: new Date(Date.now() - 40_000).toISOString() });
    await choose(page);
    await page.locator('#waiting', { hasText: 'silent' }).waitFor();
  },
  async 'API key needed'(page, stub) {
    stub.apiKey = 'lf_a_b';
    await choose(page);
    await page.locator('#key').waitFor();
  },
  async jobs(page, stub) {
    stub.jobs.list = jobsOfEveryState();
    await page.reload();
    await page.locator('.job').nth(4).waitFor();
  },
  async 'job priced'(page) {
    await page.locator('#jobs summary').click();
    await page.getByLabel('in S3').fill('s3://my-photos/2026/');
    await page.getByRole('button', { name: 'What would it cost?' }).click();
    await page.locator('#job-more', { hasText: 'counted' }).waitFor();
  },
  async 'job refused'(page) {
    await page.locator('#jobs summary').click();
    await page.getByLabel('in S3').fill('s3://forbidden/');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('#job-more', { hasText: 'JOB_SOURCES' }).waitFor();
  },
};
