import { NO_COUNTS, type JobView } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../testing/events.ts';
import { publishFleet } from '../testing/fleet.ts';
import { fakeGateway, type FakeGateway, type GatewayOptions } from '../testing/gateway.ts';
import { aJob, failedLine, someKeys, workOn } from '../testing/jobs.ts';
import { someRequestId } from '../testing/results.ts';

/** A gateway whose clock goes on only when a test says so, and which counts its calls of S3. */
async function open(options: GatewayOptions = {}) {
  const time = { ms: Date.parse('2026-11-26T12:00:00Z') };
  const calls = new Map<string, number>();
  const gateway = await fakeGateway({
    unixMs: () => time.ms,
    monotonicMs: () => time.ms,
    beforeCall: (operation) => void calls.set(operation, (calls.get(operation) ?? 0) + 1),
    ...options,
  });
  const job = aJob({ createdAt: new Date(time.ms).toISOString() });
  await gateway.jobs.create(job);
  return {
    ...{ gateway, job, time, work: workOn(gateway, job) },
    /** The job as a client sees it more than a second after the last look. */
    look: async (): Promise<JobView> => {
      time.ms += 1_001;
      calls.clear();
      return read(gateway, job.id);
    },
    /** The calls since the last look began. */
    callsOfLook: () => Object.fromEntries(calls),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const read = async (gateway: FakeGateway, id: string) =>
  (await (await gateway.app.request(`/v1/jobs/${id}`)).json()) as JobView;
const cancel = (gateway: FakeGateway, id: string) =>
  gateway.app.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });

test('a job is seen as its objects appear, from its first page to its summary', async () => {
  await using bench = await open();
  const { work, look } = bench;
  expect(await look()).toMatchObject({
    status: 'planning',
    counts: { listed: 0, remaining: null },
  });

  const first = await work.list(someKeys(1_000));
  const second = await work.list(someKeys(500, 'uploads/b/'), { isLast: true });
  expect(await look()).toMatchObject({
    status: 'planning',
    counts: { listed: 1_500, succeeded: 0, remaining: null },
  });

  await work.plan();
  // Parts of pages that are not done count too, on whichever page they are.
  await work.classify(first, 0);
  await work.classify(first, 9, failedLine);
  await work.classify(second, 4);
  expect(await look()).toMatchObject({
    status: 'running',
    counts: { listed: 1_500, succeeded: 200, failed: 100, remaining: 1_200 },
    costUsd: 0.0006,
  });

  for (const chunk of [1, 2, 3, 4, 5, 6, 7, 8]) await work.classify(first, chunk);
  const before = await look();
  await work.mark(first);
  // A marker counts the same parts, once.
  expect((await look()).counts).toEqual(before.counts);
  for (const chunk of [0, 1, 2, 3]) await work.classify(second, chunk);
  await work.mark(second);
  expect(await look()).toMatchObject({ status: 'running', counts: { remaining: 0 } });

  await work.complete();
  const completed = await look();
  expect(completed).toMatchObject({
    status: 'succeeded',
    counts: { listed: 1_500, succeeded: 1_400, failed: 100, skipped: 0, remaining: 0 },
    costUsd: 0.003,
    completedAt: expect.any(String) as unknown,
  });
  expect(await look()).toEqual(completed);
  expect(bench.callsOfLook()).not.toHaveProperty('ListObjectsV2');
});

test('a completed job has an ETag', async () => {
  await using bench = await open();
  await bench.work.finish(await bench.work.list(['uploads/a.jpg'], { isLast: true }));
  await bench.work.complete();
  const path = `/v1/jobs/${bench.job.id}`;
  const etag = (await bench.gateway.app.request(path)).headers.get('etag') ?? '';
  const again = await bench.gateway.app.request(path, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
});

test('a look at a job of a million images costs a few calls, and a straggler costs no more', async () => {
  await using bench = await open();
  const { gateway, job, look } = bench;
  const work = workOn(gateway, job, 1);
  const counts = { ...NO_COUNTS, succeeded: 1_000, nanoUsd: 2_000_000, busyMs: 100_000 };
  const pages = [];
  for (let page = 0; page < 1_000; page++) pages.push(await work.list(someKeys(2)));
  await work.plan({ images: 1_000_000 });
  const [straggler, ...others] = pages;
  await work.classify(straggler!, 0);
  for (const page of others.slice(0, 900)) {
    for (const chunk of [0, 1]) await work.classify(page, chunk);
    await gateway.jobs.markPage(job.id, page.page, counts);
  }
  for (const page of others.slice(900, 903)) await work.classify(page, 0);
  await look();
  const view = await look();
  expect(view.counts.succeeded).toBe(900_000 + 4);
  expect(bench.callsOfLook()).toEqual({
    // The summary and the stop.
    GetObject: 2,
    // The markers, the parts from the straggler on, and those from the next page without a marker on.
    ListObjectsV2: 3,
  });
});

test('parts beyond the first list of a page that is not done are counted', async () => {
  await using bench = await open();
  const work = workOn(bench.gateway, bench.job, 1);
  const first = await work.list(someKeys(600));
  const second = await work.list(someKeys(600, 'uploads/b/'), { isLast: true });
  await work.plan();
  for (const page of [first, second])
    for (let chunk = 0; chunk < 600; chunk++) await work.classify(page, chunk);
  await bench.look();
  expect((await bench.look()).counts.succeeded).toBe(1_200);
});

test('all who look within a second share a look', async () => {
  await using bench = await open();
  await bench.work.list(someKeys(10), { isLast: true });
  const views = await Promise.all(Array.from({ length: 20 }, () => bench.look()));
  expect(new Set(views.map(({ counts }) => counts.listed))).toEqual(new Set([10]));
  const calls = bench.callsOfLook();
  await read(bench.gateway, bench.job.id);
  expect(bench.callsOfLook()).toEqual(calls);
});

describe('the time left', () => {
  const inSeconds = (bench: { time: { ms: number } }, { estimatedCompletion: range }: JobView) => {
    if (range === undefined) return undefined;
    const left = (at: string) => Math.round((Date.parse(at) - bench.time.ms) / 1_000);
    return [left(range.earliest), left(range.latest)];
  };

  test('comes from the rate of the last minute', async () => {
    await using bench = await open();
    const { work, look, time } = bench;
    const pages = [];
    for (let page = 0; page < 10; page++) pages.push(await work.list(someKeys(1_000)));
    await work.plan();
    expect((await look()).imagesPerSecond).toBeUndefined();
    for (const page of pages.slice(0, 2)) {
      await work.finish(page);
      time.ms += 9_000;
      await look();
    }
    time.ms += 8_000 - 1_001;
    await work.finish(pages[2]!);
    const view = await look();
    // 3,000 images in 29 s.
    expect(view.imagesPerSecond).toBeCloseTo(3_000 / 28, 0);
    // 7,000 images at 0.6 to 1.5 times the rate.
    expect(inSeconds(bench, view)).toEqual([44, 109]);
    // Nothing was completed for a minute.
    time.ms += 61_000;
    await look();
    time.ms += 61_000;
    expect(await look()).toMatchObject({ imagesPerSecond: 0 });
  });

  test('comes from the fleet as long as there is no rate', async () => {
    await using bench = await open();
    await publishFleet(bench.gateway, {
      at: new Date(bench.time.ms).toISOString(),
      learned: {
        serviceSeconds: 0.1,
        bootSecondsP50: 10,
        bootSecondsP95: 20,
        jobImageSeconds: 0.1,
      },
    });
    await bench.work.list(someKeys(1_000), { isLast: true });
    expect(inSeconds(bench, await bench.look())).toBeUndefined();
    await bench.work.plan();
    const [earliest, latest] = inSeconds(bench, await bench.look()) ?? [];
    // 50 to 170 s of work for two workers that are up and one that boots.
    expect(earliest).toBeGreaterThan(15);
    expect(latest).toBeLessThan(120);
  });

  test('is unknown where the fleet is', async () => {
    await using bench = await open();
    await bench.work.list(someKeys(1_000), { isLast: true });
    await bench.work.plan();
    expect(await bench.look()).not.toHaveProperty('estimatedCompletion');
  });
});

describe('a canceled job', () => {
  test('is canceling until its last part is stored, and says who stopped it', async () => {
    await using bench = await open();
    const { gateway, job, work, look } = bench;
    const page = await work.list(someKeys(200), { isLast: true });
    await work.plan();
    await work.classify(page, 0);
    await look();
    const response = await cancel(gateway, job.id);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'canceling',
      stop: { reason: 'canceled' },
    });
    expect(await gateway.jobs.stopOf(job.id)).toMatchObject({ reason: 'canceled' });
    expect(await gateway.reportedRefusals()).toMatchObject([{ type: 'jobs-changed' }]);
    const again = await cancel(gateway, job.id);
    expect(again.status).toBe(200);

    const skipped = { ...NO_COUNTS, succeeded: 100, skipped: 100 };
    await gateway.jobs.markPage(job.id, page.page, skipped);
    const plan = await gateway.jobs.plan(job.id);
    const stop = (await gateway.jobs.stopOf(job.id))!;
    await gateway.jobs.storeSummary({
      ...{ v: 1, id: job.id, status: 'canceled', stop, counts: skipped },
      ...{ createdAt: job.createdAt, completedAt: job.createdAt, images: 200, bytes: 0 },
      pages: plan!.pages,
    });
    expect(await look()).toMatchObject({
      status: 'canceled',
      counts: { succeeded: 100, skipped: 100, remaining: 0 },
    });
  });

  test('that is completed stays as it is', async () => {
    await using bench = await open();
    await bench.work.finish(await bench.work.list(['uploads/a.jpg'], { isLast: true }));
    await bench.work.complete();
    const response = await cancel(bench.gateway, bench.job.id);
    expect(await response.json()).toMatchObject({ status: 'succeeded' });
    expect(await bench.gateway.jobs.stopOf(bench.job.id)).toBeUndefined();
  });
});

test('a job whose budget is spent runs until its last part, and says so', async () => {
  await using bench = await open();
  await bench.work.list(someKeys(200), { isLast: true });
  await bench.work.plan();
  const at = bench.job.createdAt;
  await bench.gateway.jobs.stop(bench.job.id, {
    v: 1,
    reason: 'budget',
    detail: 'It is spent.',
    at,
  });
  const view = await bench.look();
  expect(view).toMatchObject({
    status: 'running',
    stop: { reason: 'budget', detail: 'It is spent.' },
  });
  expect(view).not.toHaveProperty('estimatedCompletion');
});

describe('the events of a job', () => {
  test('have the whole job at every change, and its end', async () => {
    await using gateway = await fakeGateway();
    const job = aJob();
    await gateway.jobs.create(job);
    const work = workOn(gateway, job);
    const path = `/v1/jobs/${job.id}/events`;
    const response = await gateway.app.request(path);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsOf(response);
    expect(await events.next()).toMatchObject({
      event: 'progress',
      data: { id: job.id, status: 'planning' },
    });
    const page = await work.list(someKeys(100), { isLast: true });
    await work.plan();
    expect(await events.next()).toMatchObject({
      event: 'progress',
      data: { status: 'running', counts: { listed: 100 } },
    });
    await work.finish(page);
    await work.complete();
    const rest = await events.rest();
    expect(rest.at(-1)).toMatchObject({ event: 'done', id: 'done', data: { status: 'succeeded' } });
    // 204 makes a browser that reconnects after the end stop (HTML, section 9.2.3).
    const again = await gateway.app.request(path, { headers: { 'last-event-id': 'done' } });
    expect(again.status).toBe(204);
    expect((await eventsOf(await gateway.app.request(path)).rest()).length).toBe(1);
  });

  test('end when the gateway drains', async () => {
    await using gateway = await fakeGateway();
    const job = aJob();
    await gateway.jobs.create(job);
    const events = eventsOf(await gateway.app.request(`/v1/jobs/${job.id}/events`));
    await events.next();
    gateway.drain();
    expect(await events.rest()).toEqual([]);
  });
});

test.each([someRequestId(), 'x'])('an unknown id is 404: %s', async (id) => {
  await using gateway = await fakeGateway();
  for (const path of ['', '/events', '/results', '/errors'])
    expect((await gateway.app.request(`/v1/jobs/${id}${path}`)).status).toBe(404);
  expect((await cancel(gateway, id)).status).toBe(404);
});
