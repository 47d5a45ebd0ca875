import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadgen } from './loadgen.ts';
import { parseOptions, type LoadgenOptions } from './options.ts';
import { startLabelServer, type Upload } from './testing/label-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadgen-'));
});
afterEach(() => rm(folder, { recursive: true }));

const putImages = (names: string[]) =>
  Promise.all(names.map((name) => writeFile(join(folder, name), `bytes of ${name}`)));

/** Runs the command against a URL and collects its output. */
async function run(url: URL, args: string[] = []) {
  const options = parseOptions(['--url', url.href, '--images', folder, ...args]) as LoadgenOptions;
  const shown: string[] = [];
  const { lines, allRight } = await loadgen(options, () => ({
    answered: (line) => shown.push(line.replace(/\t\d+ ms/, '')),
    [Symbol.dispose]: () => undefined,
  }));
  return { shown: shown.sort(), lines, allRight };
}

test('posts each image under its file name and shows its label', async () => {
  await putImages(['a.jpg', 'b.PNG', 'notes.txt']);
  const uploads: Upload[] = [];
  await using server = await startLabelServer((upload, response) => {
    uploads.push(upload);
    response.end(`label of ${upload.fileName}`);
  });

  const { shown, lines, allRight } = await run(server.url);

  expect(shown).toEqual(['a.jpg\tlabel of a.jpg', 'b.PNG\tlabel of b.PNG']);
  expect(lines[0]).toMatch(/^2 requests in .* s: 2 labels \(not compared\), 0 failed$/);
  expect(lines[2]).toMatch(/^latency p50 \d+ ms, p95 \d+ ms, p99 \d+ ms$/);
  expect(allRight).toBe(true);
  expect(uploads.find(({ fileName }) => fileName === 'a.jpg')).toEqual({
    field: 'myfile',
    fileName: 'a.jpg',
    bytes: new Uint8Array(Buffer.from('bytes of a.jpg')),
    idempotencyKey: undefined,
    accept: 'text/plain, */*;q=0.1',
  });
});

test('asks a URL that also offers JSON for the label alone', async () => {
  await putImages(['a.jpg']);
  await using server = await startLabelServer(({ accept = '*/*' }, response) => {
    const [preferred] = accept.split(',');
    response.end(preferred === 'text/plain' ? 'cat' : '{"label":"cat"}');
  });
  expect((await run(server.url)).shown).toEqual(['a.jpg\tcat']);
});

test('counts an image that cannot be read as a failure and sends the others', async () => {
  await putImages(['a.jpg']);
  await symlink('circle.jpg', join(folder, 'circle.jpg'));
  await using server = await startLabelServer((_, response) => void response.end('cat'));
  const { shown, allRight } = await run(server.url);
  expect(shown).toEqual([
    'a.jpg\tcat',
    'circle.jpg\t\tFAILED the file cannot be read: Its symbolic links lead in a circle. Check them with ls -l.',
  ]);
  expect(allRight).toBe(false);
});

test('sends as many requests at once as --concurrency says, and starts over from the first image', async () => {
  await putImages(['a.jpg', 'b.jpg', 'c.jpg']);
  const waiting: (() => void)[] = [];
  // The server responds only when ten requests have arrived, so the run ends only with ten at once.
  await using server = await startLabelServer(({ fileName }, response) => {
    waiting.push(() => response.end(fileName));
    if (waiting.length === 10)
      waiting.forEach((respond) => {
        respond();
      });
  });

  const { shown } = await run(server.url, ['--requests', '10', '--concurrency', '10']);

  const sent = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c'];
  expect(shown).toEqual(sent.map((name) => `${name}.jpg\t${name}.jpg`));
});

test('shows wrong labels and failures with their reasons and counts them', async () => {
  await putImages(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']);
  const expectFile = join(folder, 'expect.csv');
  await writeFile(
    expectFile,
    ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.jpg,cat\n`).join(''),
  );
  await using server = await startLabelServer(({ fileName }, response) => {
    if (fileName === 'a.jpg') response.end('cat');
    if (fileName === 'b.jpg') response.end('dog');
    if (fileName === 'c.jpg') {
      response.writeHead(503, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'Overloaded', detail: 'too many images wait' }));
    }
    if (fileName === 'd.jpg') response.destroy();
    if (fileName === 'e.jpg') response.writeHead(202).end('{}');
  });

  const { shown, lines, allRight } = await run(server.url, ['--expect', expectFile]);

  expect(shown).toEqual([
    'a.jpg\tcat',
    'b.jpg\tdog\tWRONG, expected cat',
    'c.jpg\t\tFAILED 503: too many images wait',
    'd.jpg\t\tFAILED The server closed the connection before it answered. Check the log of the server.',
    'e.jpg\t\tFAILED 202: not completed within the wait',
  ]);
  expect(lines[0]).toContain('1 right, 1 wrong, 3 failed');
  expect(allRight).toBe(false);
});

test('counts a request that times out as a failure', async () => {
  await putImages(['a.jpg']);
  await using server = await startLabelServer(() => undefined);
  const { shown } = await run(server.url, ['--timeout', '0.05']);
  expect(shown).toEqual(['a.jpg\t\tFAILED no answer within 0.05 s']);
});

test('repeats a request with its Idempotency-Key after a broken connection until it is answered', async () => {
  await putImages(['a.jpg', 'b.jpg']);
  const keys: string[] = [];
  await using server = await startLabelServer(({ fileName, idempotencyKey = '' }, response) => {
    keys.push(`${fileName} ${idempotencyKey}`);
    if (fileName === 'a.jpg' && keys.length < 4) response.destroy();
    else response.end('cat');
  });
  const { shown, allRight } = await run(server.url, ['--idempotency-keys', '--concurrency', '1']);
  expect(shown).toEqual(['a.jpg\tcat', 'b.jpg\tcat']);
  expect(allRight).toBe(true);
  expect(new Set(keys.slice(0, 4)).size).toBe(1);
  expect(keys[0]).toMatch(/^a\.jpg [0-9a-f-]{36}$/);
  expect(keys[4]).toMatch(/^b\.jpg [0-9a-f-]{36}$/);
});

test('fails a repeated request at its timeout', async () => {
  await putImages(['a.jpg']);
  await using server = await startLabelServer((_, response) => void response.destroy());
  const { shown } = await run(server.url, ['--idempotency-keys', '--timeout', '0.3']);
  expect(shown).toEqual(['a.jpg\t\tFAILED no answer within 0.3 s']);
});

test('accepts the answers of one run as the expectations of the next', async () => {
  await putImages(['a.jpg', 'b.jpg']);
  const file = join(folder, 'answers.csv');
  await using server = await startLabelServer(({ fileName }, response) => {
    response.end(`bow, "arrow" and ${fileName}`);
  });
  await run(server.url, ['--output', file]);

  expect(await readFile(file, 'utf8')).toMatch(
    /^file,label,latencyMs,failure\n[ab].jpg,"bow, ""arr/,
  );
  const { lines, allRight } = await run(server.url, ['--expect', file]);
  expect(lines[0]).toContain('2 right, 0 wrong, 0 failed');
  expect(allRight).toBe(true);
});
