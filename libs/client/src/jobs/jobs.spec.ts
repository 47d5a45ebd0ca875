import { build } from 'esbuild';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ProblemError } from '../errors.ts';
import { quickClock } from '../testing/quick-clock.ts';
import { problem, startStubGateway, type Arrived } from '../testing/stub-gateway.ts';
import { createJobs, type Job } from './jobs.ts';

const ID = '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f';

const job = (fields: Partial<Job> = {}): Job => ({
  id: ID,
  status: 'running',
  createdAt: '2026-11-26T07:00:00.000Z',
  source: { prefix: 's3://photos/2026/' },
  destination: 's3://results/jobs/',
  counts: { listed: 3, succeeded: 1, failed: 0, skipped: 0, remaining: 2 },
  costUsd: 0.1,
  topK: 1,
  links: { self: '', events: '', results: '', errors: '', cancel: '' },
  ...fields,
});

const json = (response: ServerResponse, value: unknown) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

type Answer = (response: ServerResponse, arrived: Arrived, call: number) => void;

/** Answers every request. `call` counts the requests of one kind from 1. */
async function serve(answer: Answer) {
  const counts = new Map<string, number>();
  const stub = await startStubGateway({
    interfere(arrived, response) {
      const call = (counts.get(arrived.call) ?? 0) + 1;
      counts.set(arrived.call, call);
      answer(response, arrived, call);
      return true;
    },
  });
  return { ...stub, jobs: createJobs({ url: stub.url }, quickClock()) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('a job is created once, however often its call breaks', async () => {
  await using stub = await serve((response, _, call) =>
    call === 1 ? void response.destroy() : json(response, job()),
  );
  const request = { source: { prefix: 's3://photos/2026/', include: ['*.jpg'] }, topK: 3 };
  expect(await stub.jobs.create(request, { notify: 'shop' })).toEqual(job());
  const [first, second] = stub.callsOf('POST /v1/jobs');
  expect(JSON.parse(String(second?.body))).toEqual(request);
  expect(second?.headers).toMatchObject({ 'content-type': 'application/json', notify: 'shop' });
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
});

test('a job has the key that it is given', async () => {
  await using stub = await serve((response) => json(response, job()));
  const source = { manifest: 's3://photos/list.jsonl' };
  await stub.jobs.create({ source }, { idempotencyKey: 'mine' });
  expect(stub.arrived[0]?.headers['idempotency-key']).toBe('mine');
});

test('an estimate is a dry run', async () => {
  await using stub = await serve((response) => json(response, { images: 7 }));
  const source = { prefix: 's3://photos/' };
  expect(await stub.jobs.estimate({ source, maxCostUsd: 5 })).toEqual({ images: 7 });
  expect(JSON.parse(String(stub.arrived[0]?.body))).toEqual({
    ...{ source, maxCostUsd: 5 },
    dryRun: true,
  });
});

test('jobs are read, listed and canceled', async () => {
  await using stub = await serve((response, { call }) =>
    json(response, call === 'GET /v1/jobs' ? { jobs: [job()] } : job()),
  );
  expect(await stub.jobs.read(ID)).toEqual(job());
  expect(await stub.jobs.list({ limit: 5, after: ID })).toEqual({ jobs: [job()] });
  expect(await stub.jobs.cancel(ID)).toEqual(job());
  expect(stub.arrived.map(({ path }) => path)).toEqual([
    `/v1/jobs/${ID}`,
    `/v1/jobs?limit=5&after=${ID}`,
    `/v1/jobs/${ID}/cancel`,
  ]);
});

const EVENTS = 'GET /v1/jobs/ID/events';
const stream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });
const event = (type: string, id: number, data: Job) =>
  `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

test('a job is followed to its end, also when the stream breaks', async () => {
  const done = job({ status: 'succeeded' });
  await using stub = await serve((response, { call }, number) => {
    expect(call).toBe(EVENTS);
    if (number > 1) return void stream(response).end(event('done', 2, done));
    stream(response).write(event('progress', 1, job()), () => response.destroy());
  });
  const states = await all(stub.jobs.follow(ID));
  expect(states.map(({ status }) => status)).toEqual(['running', 'succeeded']);
  expect(stub.callsOf(EVENTS)[1]?.headers['last-event-id']).toBe('1');
});

test('a job is polled where streams do not get through', async () => {
  await using stub = await serve((response, { call }, number) => {
    if (call === EVENTS) return void response.writeHead(502).end('<html>');
    json(response, job({ status: number < 3 ? 'running' : 'canceled' }));
  });
  const states = await all(stub.jobs.follow(ID));
  expect(states.map(({ status }) => status)).toEqual(['running', 'running', 'canceled']);
});

test('leaving the loop ends the stream', async () => {
  let closed = 0;
  await using stub = await serve((response) => {
    response.on('close', () => (closed += 1));
    stream(response).write(event('progress', 1, job()));
  });
  for await (const state of stub.jobs.follow(ID)) {
    expect(state.id).toBe(ID);
    break;
  }
  await expect.poll(() => closed).toBe(1);
});

const LINES = ['bear', 'dög', 'cat'].map((label, index) => ({
  status: 'succeeded' as const,
  image: `s3://photos/2026/${index}.jpg`,
  label,
  score: 0.5,
}));
const FILE = Buffer.from(LINES.map((line) => `${JSON.stringify(line)}\n`).join(''));

// Between lines, in a line, and between the bytes of a character.
test.each([0, 1, FILE.indexOf('ö') + 1, FILE.indexOf('\n') + 1, FILE.length - 1])(
  'results that break off after %i bytes are complete and hold nothing twice',
  async (at) => {
    await using stub = await serve((response, _, call) => {
      response.writeHead(200, { etag: '"1"', 'content-length': FILE.length });
      if (call > 1) return void response.end(FILE);
      response.write(FILE.subarray(0, at), () => response.destroy());
      response.flushHeaders();
    });
    expect(await all(stub.jobs.results(ID))).toEqual(LINES);
    expect(stub.arrived[0]?.path).toBe(`/v1/jobs/${ID}/results?format=jsonl`);
  },
);

test.each(['"2"', undefined])('results that have changed (ETag %s) are not mixed', async (etag) => {
  await using stub = await serve((response, _, call) => {
    const now = call === 1 ? '"1"' : etag;
    response.writeHead(200, { ...(now && { etag: now }), 'content-length': FILE.length });
    if (call > 1) return void response.end(FILE);
    response.write(FILE.subarray(0, 40), () => response.destroy());
  });
  await expect(all(stub.jobs.results(ID))).rejects.toThrow('has changed since');
});

test('errors as CSV come as bytes', async () => {
  await using stub = await serve((response) => void response.end('image,problem\n'));
  const chunks = await all(stub.jobs.download(ID, 'errors', { format: 'csv' }));
  expect(Buffer.concat(chunks).toString()).toBe('image,problem\n');
  expect(stub.arrived[0]?.path).toBe(`/v1/jobs/${ID}/errors?format=csv`);
});

test('results of a job that there is not are a problem', async () => {
  await using stub = await serve((response) => problem(response, 'not-found', 404));
  await expect(all(stub.jobs.errors(ID))).rejects.toThrow(ProblemError);
});

test('the bundle for browsers is small', async () => {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/jobs.ts`],
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', write: false },
  });
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(3_500);
});
