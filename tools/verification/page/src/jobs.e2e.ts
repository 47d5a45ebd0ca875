import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasBrowser } from './testing/browser.ts';
import { aJob } from './testing/job-answers.ts';
import { images, useStub, WAIT } from './testing/set-up.ts';

const setUp = useStub();

const ADDRESS = 's3://my-photos/2026/';
const counts = { listed: 1_000, succeeded: 0, failed: 0, skipped: 0, remaining: 1_000 };
const finished = {
  status: 'succeeded',
  completedAt: new Date().toISOString(),
  counts: { ...counts, succeeded: 998, failed: 2, remaining: 0 },
} as const;

const card = (page: Page) => page.locator('.job').first();
const fill = async (page: Page, address: string) => {
  const summary = page.locator('#jobs summary');
  await summary.waitFor();
  if (!(await page.locator('#job-form').isVisible())) await summary.click();
  await page.getByLabel('in S3').fill(address);
};
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
const answer = (page: Page) => page.locator('#job-answer').textContent();
async function downloaded(page: Page, name: string) {
  const download = page.waitForEvent('download');
  await card(page).getByRole('link', { name }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

describe.skipIf(!hasBrowser)('jobs on the page', () => {
  test('are not shown by a gateway without jobs', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    stub.jobs.list = undefined;
    const page = await browser.open(stub.url);
    await page.locator('#fleet').waitFor();
    await expect
      .poll(() => browser.requests.filter((url) => url.includes('/jobs')))
      .toHaveLength(1);
    expect(await page.locator('#jobs').isHidden()).toBe(true);
  });

  test('show how one goes on, and give its results when it is done', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const job = aJob({ counts });
    stub.jobs.list = [job];
    const page = await browser.open(stub.url);
    await expect.poll(() => stub.jobs.streams, WAIT).toBe(1);
    expect(await card(page).getByRole('link').count()).toBe(0);
    stub.jobs.change(job.id, { counts: { ...counts, succeeded: 250, remaining: 750 } });
    await card(page).getByText('250 of 1,000 images classified').waitFor();
    expect(
      await card(page)
        .locator('progress')
        .evaluate((bar) => (bar as HTMLProgressElement).position),
    ).toBe(0.25);
    await card(page).getByText('Results so far').waitFor();
    stub.jobs.change(job.id, finished);
    await card(page).getByText('2 failed').waitFor();
    expect(await card(page).locator('.status').textContent()).toBe('Done');
    expect(await card(page).locator('progress').isHidden()).toBe(true);
    expect(await downloaded(page, 'Results, CSV')).toEqual({
      name: `job-${job.id}-results.csv`,
      text: `results of ${job.id}\n`,
    });
    expect((await downloaded(page, 'Errors, CSV')).text).toBe(`errors of ${job.id}\n`);
    await expect
      .poll(() => page.locator('#announcer').textContent(), WAIT)
      .toBe(`Done: ${ADDRESS}, 998 of 1,000 images classified, 2 failed`);
    expect(stub.jobs.streams).toBe(0);
    expect(browser.errors).toEqual([]);
  });

  test('are priced by a dry run, until the form is changed', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await fill(page, ADDRESS);
    await press(page, 'What would it cost?');
    await expect
      .poll(() => answer(page), WAIT)
      .toBe('1,203,441 images, 96 GB: $3.10 to $3.60, 41 to 55 min with 20 workers.');
    expect(stub.jobs.posted.map(({ body }) => body)).toEqual([
      { source: { prefix: ADDRESS }, dryRun: true },
    ]);
    await page.getByLabel('in USD').fill('5');
    await expect.poll(() => answer(page)).toBe('');
    expect(await page.locator('.job').count()).toBe(0);
  });

  test('are started with limits, or from a list', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await fill(page, ADDRESS);
    await page.getByLabel('in hours').fill('1.5');
    await page.getByLabel('in USD').fill('0.25');
    await press(page, 'Start');
    await card(page).getByText('Listing images').waitFor();
    expect(await page.getByLabel('in S3').inputValue()).toBe('');
    await fill(page, 's3://my-photos/list.jsonl');
    await press(page, 'Start');
    await expect.poll(() => page.locator('.job').count(), WAIT).toBe(2);
    expect(stub.jobs.posted.map(({ body }) => body)).toEqual([
      { source: { prefix: ADDRESS }, completeWithinSeconds: 5_400, maxCostUsd: 0.25 },
      { source: { manifest: 's3://my-photos/list.jsonl' } },
    ]);
  });

  test('are started once, although the answer is lost', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    stub.jobs.breaks = true;
    const page = await browser.open(stub.url);
    await fill(page, ADDRESS);
    await press(page, 'Start');
    await expect.poll(() => answer(page), WAIT).toBe('The gateway does not answer. Trying again.');
    stub.jobs.breaks = false;
    await expect.poll(() => answer(page), WAIT).toMatch(/^The job is started\./);
    expect(stub.jobs.posted.length).toBeGreaterThan(1);
    expect(new Set(stub.jobs.posted.map(({ key }) => key)).size).toBe(1);
    await expect.poll(() => page.locator('.job').count()).toBe(1);
  });

  test('say why a bucket is refused', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const page = await browser.open(stub.url);
    await fill(page, 's3://forbidden/<b>photos</b>/');
    await press(page, 'Start');
    await expect.poll(() => answer(page), WAIT).toBe('The bucket may not be read.');
    expect(await page.locator('#job-more').textContent()).toContain('JOB_SOURCES');
    expect(await page.getByLabel('in S3').inputValue()).toContain('forbidden');
    await fill(page, 'photos');
    await press(page, 'Start');
    await page.locator('#job-form :invalid').waitFor();
    expect(stub.jobs.posted).toHaveLength(1);
  });

  test('are canceled when the user is sure', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const source = { prefix: 's3://my-photos/<img src=x onerror=alert(1)>/' };
    const job = aJob({ source, counts });
    stub.jobs.list = [job];
    const page = await browser.open(stub.url);
    const cancel = card(page).getByRole('button', { name: 'Cancel' });
    const questions: string[] = [];
    page.once('dialog', (dialog) => {
      questions.push(dialog.message());
      void dialog.dismiss();
    });
    await cancel.click();
    expect(questions).toEqual([`Cancel the job for ${source.prefix}? What is done stays done.`]);
    expect(job.status).toBe('running');
    page.once('dialog', (dialog) => void dialog.accept());
    await cancel.click();
    await card(page).getByText('Being canceled').waitFor();
    expect(await cancel.isHidden()).toBe(true);
    const detail = 'Its caller canceled it. What is done stays done.';
    const completedAt = new Date().toISOString();
    stub.jobs.change(job.id, {
      ...{ status: 'canceled', completedAt, stop: { reason: 'canceled', detail, at: completedAt } },
      counts: { ...counts, succeeded: 100, skipped: 900, remaining: 0 },
    });
    await card(page).getByText(detail).waitFor();
    await card(page).getByText('900 left out').waitFor();
  });

  test('go on after the connection was lost', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const job = aJob({ counts });
    stub.jobs.list = [job];
    const page = await browser.open(stub.url);
    await expect.poll(() => stub.jobs.streams, WAIT).toBe(1);
    stub.jobs.change(job.id, { counts: { ...counts, succeeded: 250, remaining: 750 } });
    await card(page).getByText('250 of 1,000 images classified').waitFor();
    await browser.context.setOffline(true);
    stub.jobs.breakStreams();
    await page.locator('#job-trouble').waitFor();
    stub.jobs.change(job.id, { counts: { ...counts, succeeded: 500, remaining: 500 } });
    await browser.context.setOffline(false);
    // By a stream, or by reading the job after three streams have failed.
    await card(page).getByText('500 of 1,000 images classified').waitFor();
    await expect.poll(() => page.locator('#job-trouble').isHidden(), WAIT).toBe(true);
    stub.jobs.change(job.id, finished);
    await card(page).getByText('Done').waitFor();
  });

  test('that run together are polled, and so is one while images are sent', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    const [one, other] = [aJob({ counts }), aJob({ counts })];
    stub.jobs.list = [other, one];
    const page = await browser.open(stub.url);
    await page.locator('.job').nth(1).waitFor();
    stub.jobs.change(one.id, { counts: { ...counts, succeeded: 7 } });
    await page.locator('.job').nth(1).getByText('7 of 1,000').waitFor();
    expect(browser.requests.filter((url) => url.endsWith('/events'))).toEqual([]);
    stub.jobs.change(one.id, finished);
    await expect.poll(() => stub.jobs.streams, WAIT).toBe(1);
    stub.uploads = new Promise(() => undefined);
    await page.setInputFiles('#files', await images(1));
    await expect.poll(() => stub.jobs.streams, WAIT).toBe(0);
    expect(await card(page).isVisible()).toBe(false);
  });

  test('are the newest ones, and older ones on demand', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    stub.jobs.list = Array.from({ length: 7 }, () => aJob(finished)).reverse();
    const page = await browser.open(stub.url);
    await expect.poll(() => page.locator('.job').count(), WAIT).toBe(5);
    await press(page, 'Show older jobs');
    await expect.poll(() => page.locator('.job').count(), WAIT).toBe(7);
    expect(await page.locator('#older').isHidden()).toBe(true);
  });

  test('need the API key where the rest of the page does, also for downloads', async () => {
    await using run = await setUp();
    const { browser, stub } = run;
    stub.apiKey = 'lf_a_b';
    const job = aJob(finished);
    stub.jobs.list = [job];
    const page = await browser.open(stub.url);
    await page.getByLabel('API key').fill('lf_a_b');
    await page.keyboard.press('Enter');
    expect(await downloaded(page, 'Results, JSONL')).toEqual({
      name: `job-${job.id}-results.jsonl`,
      text: `results of ${job.id}\n`,
    });
    stub.jobs.list = [];
    await card(page).getByRole('link', { name: 'Results, CSV' }).click();
    await card(page).getByText('Not downloaded: No such job.').waitFor();
  });
});
