import { startTestCloud } from '@labelfleet/aws/testing';
import type { Job, JobEstimate } from '@labelfleet/client/jobs';
import { problem, startStubGateway, type Interference } from '@labelfleet/client/testing';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ID = '0192f0c1-7a8b-7c3d-9e4f-5a6b7c8d9e0f';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'labelfleet-job-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command in an empty folder. Its service is the one at this URL. */
const start = (url: string, ...args: string[]) =>
  startWith({ GATEWAY_URL: url, INPUT_BUCKET: 'input' }, ...args);

function startWith(variables: Record<string, string>, ...args: string[]) {
  const script = join(import.meta.dirname, 'job.ts');
  const env = { PATH: process.env['PATH'], ...variables };
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]) => ({ code, stdout, stderr }),
  );
  return { child, ended };
}

const job = (fields: Partial<Job> = {}): Job => ({
  ...{ id: ID, status: 'running', topK: 1, costUsd: 0.12 },
  ...{ source: { prefix: 's3://photos/' }, destination: 's3://results/jobs/' },
  createdAt: new Date().toISOString(),
  counts: { listed: 30, succeeded: 10, failed: 0, skipped: 0, remaining: 20 },
  links: { self: '', events: '', results: '', errors: '', cancel: '' },
  ...fields,
});
const done = (failed = 0): Job =>
  job({
    status: 'succeeded',
    completedAt: new Date(Date.now() + 3_000).toISOString(),
    counts: { listed: 30, succeeded: 30 - failed, failed, skipped: 0, remaining: 0 },
  });

const json = (response: ServerResponse, value: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const event = (type: string, data: Job) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

interface Service {
  /** What the stream of events says; it stays open without a `done`. */
  events?: string[];
  file?: string;
  read?: Job;
}

const service =
  ({ events = [], file = '', read = job() }: Service): Interference =>
  ({ call, body }, response) => {
    switch (call) {
      case 'POST /v1/jobs': {
        const { dryRun } = JSON.parse(body.toString()) as { dryRun?: boolean };
        if (dryRun === true) json(response, ESTIMATE);
        else json(response, job(), 202);
        break;
      }
      case 'GET /v1/jobs/ID/events':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(events.join(''));
        if (events.at(-1)?.startsWith('event: done')) response.end();
        break;
      case 'GET /v1/jobs/ID/results':
      case 'GET /v1/jobs/ID/errors':
        response.writeHead(200, { etag: '"1"' }).end(file);
        break;
      case 'GET /v1/jobs':
        json(response, { jobs: [read] });
        break;
      default:
        json(response, read);
    }
    return true;
  };

const range = (low: number, high: number) => ({ low, high });
const ESTIMATE: JobEstimate = {
  ...{ images: 30, bytes: 1e6, complete: true, workers: 2, seconds: range(40, 70) },
  costUsd: { ...range(0.2, 0.3), instances: range(0, 1), boots: range(0, 1), calls: range(0, 1) },
  basis: ['The source has 30 images of 1 MB.'],
};

test('says what a job would cost, and what this rests on', async () => {
  await using stub = await startStubGateway({ interfere: service({}) });
  const { code, stdout, stderr } = await start(stub.url, 's3://photos/', '--dry-run').ended;
  expect(stdout).toBe('30 images, 1 MB: 0.20 to 0.30 USD, 40 to 70 s with 2 workers\n');
  expect(stderr).toBe('The source has 30 images of 1 MB.\n');
  expect(code).toBe(0);
});

test('runs a job and writes its results', async () => {
  const interfere = service({
    events: [event('progress', job()), event('done', done())],
    file: '{}\n',
  });
  await using stub = await startStubGateway({ interfere });
  const args = ['s3://photos/', '--out', 'labels.jsonl', '--top-k', '3', '--max-cost', '5'];
  const { code, stderr } = await start(stub.url, ...args).ended;
  expect(stderr.split('\n')).toEqual([
    `Job ${ID}`,
    '10 of 30 images, 0.12 USD',
    expect.stringMatching(/^30 images classified, 0\.12 USD, in [\d.]+ s\.$/),
    'Results: labels.jsonl',
    '',
  ]);
  expect(code).toBe(0);
  expect(await readFile(join(folder, 'labels.jsonl'), 'utf8')).toBe('{}\n');
  expect(await readdir(folder)).toEqual(['labels.jsonl']);
  const [created] = stub.callsOf('POST /v1/jobs');
  expect(JSON.parse(String(created?.body))).toEqual({
    source: { prefix: 's3://photos/' },
    topK: 3,
    maxCostUsd: 5,
  });
});

test('images that failed are said, and the exit code is 1', async () => {
  const interfere = service({ events: [event('done', done(3))] });
  await using stub = await startStubGateway({ interfere });
  const { code, stderr } = await start(stub.url, 's3://photos/').ended;
  expect(stderr).toContain('27 images classified, 3 failed');
  expect(stderr).toContain(`Why 3 failed: npm run job -- errors ${ID}`);
  expect(code).toBe(1);
});

test('Ctrl-C leaves the job running, and says how to follow it', async () => {
  const interfere = service({ events: [event('progress', job())] });
  await using stub = await startStubGateway({ interfere });
  const { child, ended } = start(stub.url, 's3://photos/');
  await expect
    .poll(() => stub.callsOf('GET /v1/jobs/ID/events'), { timeout: 20_000 })
    .toHaveLength(1);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(stderr).toContain(`the job goes on. npm run job -- status|results|cancel ${ID}`);
  expect(code).toBe(130);
  expect(stub.callsOf('POST /v1/jobs/ID/cancel')).toEqual([]);
});

test('Ctrl-C during the upload of a folder says how to continue it', async () => {
  await using cloud = await startTestCloud();
  await cloud.createBucket('input');
  await using stub = await startStubGateway({
    interfere: service({ events: [event('done', done())] }),
  });
  const album = join(folder, 'album');
  await mkdir(album);
  const names = Array.from({ length: 300 }, (_, index) => `${index}.jpg`);
  for (const name of names) await writeFile(join(album, name), name);
  const faults = new FaultsClient(cloud.endpoint);
  await faults.set({ id: 'stuck', kind: 'hold', action: 'PutObject', every: 50, seconds: 2 });
  const variables = { ...cloud.environment, GATEWAY_URL: stub.url, INPUT_BUCKET: 'input' };
  const first = startWith(variables, 'album');
  await expect.poll(() => faults.held('stuck'), { timeout: 20_000 }).not.toEqual([]);
  first.child.kill('SIGINT');
  const { code, stderr } = await first.ended;
  expect(stderr).toContain('Stopped. The same command again continues the upload.');
  expect(code).toBe(130);
  expect(stub.arrived).toEqual([]);

  await faults.clearAll();
  const second = await startWith(variables, 'album').ended;
  expect(second.stderr).toMatch(/Uploaded \d+ images; [1-9]\d* were there\./);
  expect(second.code).toBe(0);
  const [created] = stub.callsOf('POST /v1/jobs');
  const { source } = JSON.parse(String(created?.body)) as { source: { manifest: string } };
  const manifest = await cloud.s3.store('input').get(source.manifest.replace('s3://input/', ''));
  expect(
    Buffer.from(manifest?.body ?? [])
      .toString()
      .trimEnd()
      .split('\n'),
  ).toHaveLength(300);
});

test('shows, lists and cancels jobs', async () => {
  await using stub = await startStubGateway({ interfere: service({}) });
  const shown = `${ID}\trunning\ts3://photos/\n10 of 30 images, 0.12 USD\n`;
  const commands = [['status', ID], ['cancel', ID], ['list']];
  const [status, cancel, list] = await Promise.all(
    commands.map((args) => start(stub.url, ...args).ended),
  );
  expect(status).toEqual({ code: 0, stdout: shown, stderr: '' });
  expect(cancel).toEqual(status);
  expect(list?.stdout).toMatch(
    new RegExp(`^${ID}\trunning\t[^\t]+\t10/30\t0.12 USD\ts3://photos/\n$`),
  );
});

test('prints results and errors', async () => {
  await using stub = await startStubGateway({ interfere: service({ file: 'image\r\n' }) });
  const results = await start(stub.url, 'results', ID, '--format', 'csv').ended;
  expect(results).toEqual({ code: 0, stdout: 'image\r\n', stderr: '' });
  expect(await start(stub.url, 'errors', ID).ended).toMatchObject({ stdout: 'image\r\n' });
});

test('a refusal is said in one line', async () => {
  await using stub = await startStubGateway({
    interfere: (_, response) => {
      problem(response, 'unauthorized', 401);
      return true;
    },
  });
  const { code, stderr } = await start(stub.url, 's3://photos/').ended;
  expect(stderr).toBe('It is unauthorized. Set LABELFLEET_API_KEY.\n');
  expect(code).toBe(1);
});

test.each([
  [['nowhere'], 'nowhere: There is no such file or folder. Check the path.', 66],
  [['nowhere.jsonl'], 'nowhere.jsonl: There is no such file or folder. Check the path.', 66],
  [['empty'], 'There is no image in this folder', 66],
  [['s3://photos/', '--out', 'none/a.csv'], 'none/a.csv cannot be written', 73],
])('%j is refused before a job is started', async (args, message, exitCode) => {
  await mkdir(join(folder, 'empty'), { recursive: true });
  await using stub = await startStubGateway({ interfere: service({}) });
  const { code, stderr } = await start(stub.url, ...args).ended;
  expect(stderr).toContain(message);
  expect(code).toBe(exitCode);
  expect(stub.arrived).toEqual([]);
});

test('a service that is not there is said', async () => {
  const { url } = await startStubGateway().then(async (stub) => {
    await stub[Symbol.asyncDispose]();
    return stub;
  });
  const { code, stderr } = await start(url, 'list').ended;
  expect(stderr).toContain('cannot be reached: Nothing listens at that address and port.');
  expect(code).toBe(69);
});
