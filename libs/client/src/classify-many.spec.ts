import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ManyEvent, Outcome } from './classify-many.ts';
import { createClient } from './client.ts';
import { quickClock } from './testing/quick-clock.ts';
import { problem, startStubGateway, type Interference } from './testing/stub-gateway.ts';

const EVENTS = 'GET /v1/batches/ID/events';
const images = (count: number) =>
  Array.from({ length: count }, (_, index) => new File([`image ${index}`], `${index}.jpg`));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const short = ({ index, ...outcome }: Outcome) => [
  index,
  outcome.kind === 'classified' ? outcome.classification.label : outcome.error.message,
];
const labels = (count: number) =>
  Array.from({ length: count }, (_, index) => [index, `label of ${index}.jpg`]);
const byIndex = (outcomes: Outcome[]) =>
  outcomes.map(short).sort(([a], [b]) => Number(a) - Number(b));

test('sends all images before any has a result, as one batch, and yields the results as they come', async () => {
  await using stub = await startStubGateway({ completes: false });
  const events: ManyEvent[] = [];
  const onEvent = (event: ManyEvent) => events.push(event);
  const outcomes = createClient({ url: stub.url }).classifyMany(images(20), { onEvent, topK: 2 });
  const first = outcomes.next();
  await expect.poll(() => stub.callsOf(EVENTS)).toHaveLength(1);
  const queued = stub.queued();
  expect(queued).toHaveLength(20);
  expect(new Set(stub.arrived.map(({ headers }) => headers['idempotency-key'])).size).toBe(22);
  expect(stub.arrived[0]).toMatchObject({
    path: '/v1/classifications?topK=2',
    headers: { prefer: 'respond-async' },
  });

  // Completed in another order than they were sent.
  const seventh = queued.find(({ fileName }) => fileName === '7.jpg');
  stub.complete(seventh?.id ?? '');
  expect((await first).value).toMatchObject({ index: 7, image: { name: '7.jpg' } });
  stub.completeAll();
  const rest = await all(outcomes);
  expect(byIndex(rest)).toEqual(labels(20).filter(([index]) => index !== 7));
  expect(events.filter(({ kind }) => kind === 'accepted')).toHaveLength(20);
  expect(events).toContainEqual({
    kind: 'progress',
    progress: expect.objectContaining({ aheadApproximately: 3 }) as object,
  });
});

test('makes batches of at most 100 images', async () => {
  await using stub = await startStubGateway();
  const outcomes = await all(createClient({ url: stub.url }).classifyMany(images(230)));
  expect(byIndex(outcomes)).toEqual(labels(230));
  const sizes = stub.callsOf('POST /v1/batches').map(({ body }) => {
    return (JSON.parse(String(body)) as { classifications: string[] }).classifications.length;
  });
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(230);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
});

test('an image that is refused or cannot be read fails alone', async () => {
  await using stub = await startStubGateway({
    interfere: ({ body }, response) => {
      if (!body.includes('image 1')) return false;
      problem(response, 'unsupported-media-type', 415);
      return true;
    },
  });
  const unreadable = { data: () => Promise.reject(new Error('The file is gone.')) };
  const file = join(await mkdtemp(join(tmpdir(), 'client-')), 'changed.jpg');
  await writeFile(file, 'an image');
  const changed = await openAsBlob(file);
  await rm(dirname(file), { recursive: true });
  const client = createClient({ url: stub.url });
  const outcomes = await all(client.classifyMany([...images(2), unreadable, changed]));
  expect(byIndex(outcomes)).toEqual([
    [0, 'label of 0.jpg'],
    [1, 'It is unsupported-media-type.'],
    [2, 'The file is gone.'],
    [3, 'The blob could not be read'],
  ]);
});

test('a wrong API key ends it', async () => {
  await using stub = await startStubGateway({
    interfere: (_, response) => {
      problem(response, 'unauthorized', 401);
      return true;
    },
  });
  const outcomes = createClient({ url: stub.url }).classifyMany(images(50));
  await expect(outcomes.next()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(stub.arrived.length).toBeLessThan(20);
});

describe('the stream of events', () => {
  test('is resumed where it broke', async () => {
    let streams = 0;
    await using stub = await startStubGateway({
      completes: false,
      interfere: ({ call }, response) => {
        // The first stream breaks after the first completed image.
        if (call === EVENTS && ++streams === 1) {
          const write = response.write.bind(response) as (
            text: string,
            sent: () => void,
          ) => boolean;
          response.write = ((text: string) => {
            write(text, () => {
              if (text.startsWith('event: completed')) response.destroy();
            });
          }) as never;
        }
        return false;
      },
    });
    const outcomes = createClient({ url: stub.url }).classifyMany(images(3));
    const first = outcomes.next();
    await expect.poll(() => stub.callsOf(EVENTS)).toHaveLength(1);
    stub.complete(stub.queued()[0]?.id ?? '');
    await first;
    await expect.poll(() => stub.callsOf(EVENTS)).toHaveLength(2);
    expect(stub.callsOf(EVENTS)[1]?.headers['last-event-id']).toMatch(/^(AQ|Ag|BA)$/);
    stub.completeAll();
    expect(await all(outcomes)).toHaveLength(2);
  });

  const instead =
    (call: string, answer: (response: ServerResponse) => void): Interference =>
    (arrived, response) => {
      if (arrived.call !== call) return false;
      answer(response);
      return true;
    };

  test.each<[string, Interference]>([
    ['breaks at once, every time', instead(EVENTS, (response) => response.destroy())],
    ["is a proxy's 502", instead(EVENTS, (response) => void response.writeHead(502).end('<html>'))],
    ['is no stream', instead(EVENTS, (response) => void response.writeHead(200).end('<html>'))],
    [
      'is over before its first event',
      instead(EVENTS, (response) => void response.writeHead(204).end()),
    ],
    [
      'ends without an event',
      instead(
        EVENTS,
        (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
      ),
    ],
    [
      'cannot exist, because the gateway knows no batches',
      instead('POST /v1/batches', (response) => problem(response, 'method-not-allowed', 405)),
    ],
  ])('%s: the results come by polling', async (_case, interfere) => {
    await using stub = await startStubGateway({ interfere });
    const outcomes = createClient({ url: stub.url }, quickClock()).classifyMany(images(8));
    expect(byIndex(await all(outcomes))).toEqual(labels(8));
  });

  afterEach(() => void vi.useRealTimers());

  test('is given up when it is silent', async () => {
    const silent = instead(EVENTS, (response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    );
    await using stub = await startStubGateway({ interfere: silent });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const errors: string[] = [];
    const onEvent = (event: ManyEvent) => {
      if (event.kind === 'retry') errors.push(event.error.message);
    };
    const client = createClient({ url: stub.url }, quickClock());
    const outcomes = all(client.classifyMany(images(1), { onEvent }));
    for (const streams of [1, 2, 3]) {
      while (stub.callsOf(EVENTS).length < streams) await setImmediate();
      // Until the client waits for the stream, there is no timer that could run out.
      while (vi.getTimerCount() === 0) await setImmediate();
      await vi.advanceTimersByTimeAsync(45_000);
    }
    expect(byIndex(await outcomes)).toEqual(labels(1));
    expect(errors).toEqual(Array(3).fill('No answer came in time.'));
  });
});

describe('it ends', () => {
  test('with the reason of the abort signal', async () => {
    await using stub = await startStubGateway({ completes: false });
    const stop = new AbortController();
    const outcomes = createClient({ url: stub.url }).classifyMany(images(30), {
      signal: stop.signal,
    });
    const first = outcomes.next();
    await expect.poll(() => stub.callsOf(EVENTS)).toHaveLength(1);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(first).rejects.toBe(reason);
  });

  test('when its loop is left, with the uploads that are under way', async () => {
    const [begun, closed]: string[][] = [[], []];
    await using stub = await startStubGateway({
      interfere: ({ body, call }, response) => {
        if (call !== 'POST /v1/classifications' || body.includes('image 0')) return false;
        begun?.push(call);
        response.on('close', () => closed?.push(call));
        return true;
      },
    });
    for await (const outcome of createClient({ url: stub.url }).classifyMany(images(500))) {
      expect(outcome.index).toBe(0);
      break;
    }
    expect(begun).toHaveLength(6);
    await expect.poll(() => closed).toEqual(begun);
  });

  test('at once for no images', async () => {
    await using stub = await startStubGateway();
    expect(await all(createClient({ url: stub.url }).classifyMany([]))).toEqual([]);
    expect(stub.arrived).toEqual([]);
  });
});
