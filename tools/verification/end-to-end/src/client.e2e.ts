import { createClient, type ManyEvent } from '@labelfleet/client';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { startRoundRobinProxy } from './round-robin-proxy.ts';
import { expectStored, useImages } from './sent-images.ts';
import { startStack } from './stack-under-test.ts';

/** One gateway is killed when this many images are accepted, and another when this many labels have come. */
const KILLED_AFTER = 5;

const images = useImages(30);

test('the client gets all labels although one gateway is killed during the uploads and another during the results', async () => {
  await using stack = await startStack({ MAX_WORKERS: '1', IDLE_BEFORE_RELEASE_SECONDS: '60' });
  await using first = stack.startGateway();
  await using second = stack.startGateway();
  await using third = stack.startGateway();
  const urls = [await first.url, await second.url, await third.url] as const;
  await using proxy = await startRoundRobinProxy(urls);

  const labels = new Map<string, string | null>();
  const events: ManyEvent['kind'][] = [];
  const onEvent = ({ kind }: ManyEvent) => {
    events.push(kind);
    if (events.filter((each) => each === 'accepted').length === KILLED_AFTER) void first.kill();
  };
  const outcomes = createClient({ url: proxy.url }).classifyMany(
    images.files.map((file) => ({
      fileName: basename(file),
      data: async () => new Uint8Array(await readFile(file)),
    })),
    { onEvent },
  );
  for await (const outcome of outcomes) {
    if (outcome.kind === 'failed') throw outcome.error;
    labels.set(outcome.image.fileName, outcome.classification.label);
    if (labels.size === KILLED_AFTER) await second.kill();
  }
  expect(labels).toEqual(images.labels);
  expect(events).toContain('retry');
  expect(events).toContain('progress');
  // Each image has one request with one result, even if it was sent several times.
  await expectStored(stack, images.files, images);
  expect(await stack.end('SIGINT')).toBe(0);
});
