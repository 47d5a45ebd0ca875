import { runLoad } from '@labelfleet/loadgen/run';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classifyDirectly } from './classify-directly.ts';
import { startExtraGateway } from './extra-gateway.ts';
import { drawImages } from '@labelfleet/testkit/images';
import { startRoundRobinProxy } from './round-robin-proxy.ts';
import { startStack } from './stack-under-test.ts';
import { readStored, sha256 } from './stored.ts';

let folder: string;
let files: string[];
let expected: Map<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'several-gateways-'));
  files = await drawImages(folder, 24);
  expected = await classifyDirectly(files);
});
afterAll(() => rm(folder, { recursive: true }));

test('answers all requests with two gateways although one is killed', async () => {
  await using stack = await startStack({ MAX_WORKERS: '2', IDLE_BEFORE_RELEASE_SECONDS: '60' });
  await using first = await startExtraGateway(stack);
  await using second = await startExtraGateway(stack);
  await using proxy = await startRoundRobinProxy([first.url, second.url]);

  let answered = 0;
  const { answers } = await runLoad({
    url: proxy.url,
    field: 'myfile',
    files,
    requests: files.length,
    concurrency: 8,
    timeoutMs: 60_000,
    idempotencyKeys: true,
    expected,
    onAnswer: () => {
      answered += 1;
      if (answered === 6) second.kill();
    },
  });

  const told = answers.map(({ file, outcome }) => ({ file, outcome }));
  expect(told.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file))).toEqual(
    files.map((file) => ({
      file,
      outcome: { kind: 'right', label: expected.get(basename(file)) },
    })),
  );
  // Requests to the killed gateway were sent again to the other one.
  expect(answers.filter(({ repeats }) => repeats > 0)).not.toEqual([]);
  // Each image has one request with one result, even if it was sent several times.
  const stored = await readStored(stack.images, stack.results);
  const once = await Promise.all(
    files.map(async (file) => ({
      fileName: basename(file),
      sha256: sha256(await readFile(file)),
      label: expected.get(basename(file)),
    })),
  );
  expect(stored.sort(byFileName)).toEqual(once.sort(byFileName));
  expect(await stack.end('SIGINT')).toBe(0);
});

const byFileName = (a: { fileName: string }, b: { fileName: string }) =>
  a.fileName.localeCompare(b.fileName);
