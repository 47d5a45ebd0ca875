import { readModelDir, type CatalogEntry } from '@labelfleet/inference/model-tools';
import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT, type StartError } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { breakOff, serveFile, startFileServer, type Respond } from '../testing/file-server.ts';
import { pullModel } from './pull.ts';

const source = exampleModels.anySize;
let file: Buffer;
let labels: string[];
let entry: CatalogEntry;
beforeAll(async () => {
  const { manifest, ...model } = await readModelDir(source);
  ({ labels } = model);
  file = await readFile(model.file);
  entry = {
    ...{ name: 'colours', version: '7', path: 'small/colours-7.onnx', licence: 'Apache-2.0' },
    ...{ bytes: file.length, sha256: manifest.sha256, top1: 99, top5: null, input: manifest.input },
  };
});

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'labelfleet-pull-'))));
afterEach(() => rm(folder, { recursive: true }));

const dir = () => join(folder, 'models', 'colours', '7');
const partialDir = () => join(folder, 'models', '.partial');
const partial = () => join(partialDir(), `${entry.sha256}.part`);

async function leave(bytes: Uint8Array, etag?: string): Promise<void> {
  await mkdir(partialDir(), { recursive: true });
  await writeFile(partial(), bytes);
  if (etag !== undefined) await writeFile(`${partial()}.etag`, etag);
}

/** Pulls from a server that responds so; returns the outcome and the requests. */
async function pull(
  respond: Respond,
  options: { signal?: AbortSignal; stallMs?: number } = {},
  model = entry,
) {
  await using server = await startFileServer(respond);
  const outcome = await pullModel(model, {
    ...{ from: server.url, dir: dir(), partialDir: partialDir(), labels, pauseMs: 0 },
    ...{ terminal: new PassThrough(), signal: new AbortController().signal, ...options },
  }).catch((error: StartError) => error);
  return { outcome, requests: server.requests.map((request) => request.replace('/models/', '')) };
}

/** Lists the names of all files in the folder and below it. */
async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((found) => found.isFile())
    .map(({ name }) => name)
    .sort();
}

const halfArrived = () =>
  vi.waitFor(async () => expect((await stat(partial())).size).toBe(half()), { interval: 5 });

const MODEL_FILES = ['labels.txt', 'manifest.json', 'model.onnx'];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const half = () => file.length >> 1;
const path = 'small/colours-7.onnx';

it('creates a model directory that a worker can use, and returns labels of the sample image', async () => {
  const { outcome } = await pull(serveFile(file));
  expect(outcome).toMatchObject({
    name: 'colours',
    version: '7',
    top: [
      expect.stringMatching(/^red 0\.\d\d$/),
      expect.any(String),
      expect.any(String),
    ] as string[],
  });
  const { manifest } = await readModelDir(dir());
  expect(manifest).toMatchObject({ input: entry.input, output: { kind: 'probabilities' } });
  expect(await files()).toEqual(MODEL_FILES);
});

/** A title, what is downloaded before, how the server responds to each call, and the requests it gets. */
type Row = [
  string,
  () => Promise<void> | void,
  (call: number) => Respond,
  (at: number) => string[],
];

describe('downloads the whole file', () => {
  it.each<Row>([
    [
      'from the end of an interrupted download',
      () => leave(file.subarray(0, half())),
      () => serveFile(file),
      (at) => [`${path} bytes=${at}-`],
    ],
    [
      'after the server closed the connection',
      () => undefined,
      (call) => (call === 1 ? breakOff(file, half(), halfArrived) : serveFile(file)),
      (at) => [path, `${path} bytes=${at}-`],
    ],
    [
      'from a server that knows no ranges and gives all of it',
      () => leave(file.subarray(0, half())),
      () => (_, response) => void response.end(file),
      (at) => [`${path} bytes=${at}-`],
    ],
    [
      'when the server has another version than the one that broke off',
      () => leave(Buffer.alloc(half(), 'old'), '"old"'),
      () => serveFile(file, '"new"'),
      (at) => [`${path} bytes=${at}-`],
    ],
    [
      'when only the hash tells that the first part was another version’s',
      () => leave(Buffer.alloc(half(), 'old')),
      () => serveFile(file),
      (at) => [`${path} bytes=${at}-`, path],
    ],
    [
      'when the server answers with another range than it was asked for',
      () => leave(file.subarray(0, half())),
      (call) =>
        call > 1
          ? serveFile(file)
          : (_, response) =>
              void response.writeHead(206, { 'content-range': `bytes 0-9/${file.length}` }).end(),
      (at) => [`${path} bytes=${at}-`, path],
    ],
    [
      'when more is left of another file than this one has',
      () => leave(Buffer.alloc(file.length + 1)),
      () => serveFile(file),
      () => [path],
    ],
    [
      'without a request when all of it has come already',
      () => leave(file),
      () => (_, response) => void response.writeHead(500).end(),
      () => [],
    ],
    [
      'after a server that was too busy',
      () => undefined,
      (call) =>
        call === 1 ? (_, response) => void response.writeHead(503).end() : serveFile(file),
      () => [path, path],
    ],
    [
      'through a redirect, the range with it',
      () => leave(file.subarray(0, half())),
      (call) =>
        call === 1
          ? (_, response) => void response.writeHead(302, { location: '/models/lfs' }).end()
          : serveFile(file),
      (at) => [`${path} bytes=${at}-`, `lfs bytes=${at}-`],
    ],
  ])('%s', async (_, before, respond, requests) => {
    await before();
    const answer: Respond = (request, response, call) => respond(call)(request, response, call);
    const result = await pull(answer);
    expect(result.outcome).toMatchObject({ name: 'colours' });
    expect(result.requests).toEqual(requests(half()));
    expect(await files()).toEqual(MODEL_FILES);
  });
});

describe('fails and leaves no partial model directory when', () => {
  it.each<[string, () => Respond, string, number]>([
    [
      'there is no such file',
      () => (_, response) => void response.writeHead(404).end(),
      'the server responds with 404',
      1,
    ],
    [
      'the server has something of another size',
      () => (_, response) => void response.end('<html>Sign in</html>'),
      "the server's file has 20 bytes instead of ",
      1,
    ],
    [
      'the server has a Git LFS pointer instead of the file',
      () => (_, response) =>
        void response.end('version https://git-lfs.github.com/spec/v1\nsize 9\n'),
      "the server's file is a Git LFS pointer",
      1,
    ],
    [
      'the server has a Git LFS pointer and sends no Content-Length',
      () => (_, response) => {
        response.write('version https://git-lfs.github.com/spec/v1\n');
        response.end('oid sha256:ab\n');
      },
      "the server's file is a Git LFS pointer",
      1,
    ],
    ['the bytes are wrong', () => serveFile(Buffer.alloc(file.length)), `its SHA-256 is `, 1],
    [
      'the server sends more bytes than the file has',
      () => (_, response) => {
        response.write(file);
        response.end('more');
      },
      'the server sends more than ',
      1,
    ],
    [
      'the server is down',
      () => (_, response) => void response.destroy(),
      'the server closed the connection before it answered',
      5,
    ],
  ])('%s', async (_, respond, detail, requests) => {
    const result = await pull(respond());
    expect(result.outcome).toMatchObject({
      exitCode: EXIT.unavailable,
      message: expect.stringContaining(detail) as string,
    });
    expect(result.requests).toHaveLength(requests);
    expect(await files()).toEqual([]);
  });

  it('the file has the right bytes but is not a model', async () => {
    const text = Buffer.from('not a model');
    const wrong = { ...entry, bytes: text.length, sha256: sha256(text) };
    const { outcome } = await pull(serveFile(text), {}, wrong);
    expect(outcome).toMatchObject({ exitCode: EXIT.noInput });
    expect(await readdir(join(folder, 'models'))).toEqual(['.partial']);
  });

  it('the directory exists and is not empty', async () => {
    await mkdir(dir(), { recursive: true });
    await writeFile(join(dir(), 'notes.txt'), 'mine');
    const { outcome, requests } = await pull(serveFile(file));
    expect(outcome).toMatchObject({ exitCode: EXIT.cannotCreate });
    expect(requests).toEqual([]);
    expect(await files()).toEqual(['notes.txt']);
  });
});

it('gives up on a silent server and keeps the downloaded bytes', async () => {
  const respond: Respond = (request, response) => {
    const [, from = '0'] = /=(\d+)-/.exec(request.headers.range ?? '') ?? [];
    if (from !== '0') return; // The server sends nothing more.
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, half()));
  };
  const { outcome } = await pull(respond, { stallMs: 100 });
  expect(outcome).toMatchObject({
    message: expect.stringMatching(
      `the server sends nothing for 0.1 s; the first ${half()} of ${file.length} bytes are kept for the next attempt`,
    ) as string,
  });
  expect(await files()).toEqual([`${entry.sha256}.part`]);
  expect((await pull(serveFile(file))).outcome).toMatchObject({ name: 'colours' });
});

it('keeps the downloaded bytes and creates no directory when the user stops it', async () => {
  const stop = new AbortController();
  const { outcome } = await pull(
    (_, response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, half()), () => stop.abort(new Error('stopped')));
    },
    { signal: stop.signal },
  );
  expect(outcome).toMatchObject({ message: 'stopped' });
  expect(await readdir(join(folder, 'models')).catch(() => ['.partial'])).toEqual(['.partial']);
});
