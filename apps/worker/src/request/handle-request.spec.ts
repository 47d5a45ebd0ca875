import { VisibilityExtender } from '@labelfleet/aws/queue';
import {
  encodeStoredResult,
  makeProblem,
  makeRequestId,
  resultKey,
  type CanceledResult,
  type StoredResult,
} from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { describe, expect, test } from 'vitest';
import { DELETE_LINGER_MS } from './complete.ts';
import { CostMeter } from './cost-meter.ts';
import { beginDelivery } from './delivery.ts';
import type { RequestDeps } from './handle-request.ts';
import { Health } from '../fleet/health.ts';
import { Slots } from '../receive/slots.ts';
import { aMessage, aRequest, PNG } from '../testing/builders.ts';
import { forbidden, openBench, unreachable, type Bench } from '../testing/bench.ts';
import { FakeClock, letOthersRun } from '../testing/fake-clock.ts';

const forever = new AbortController().signal;
const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const text = new TextEncoder().encode('not an image');
const never = () => new Promise<never>(() => undefined);

/** Throws this error at the first `times` calls of the step. */
function failing(step: string, error: Error, times = Infinity) {
  let failures = 0;
  return (made: string) => {
    if (made === step && failures++ < times) throw error;
  };
}

describe('a request', () => {
  test('is fetched, classified, stored, replied and deleted in this order', async () => {
    const { handle, submit, receive, stored, replies, trace, waiting } = await openBench();
    const { requestId } = await submit();
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(trace).toEqual(['fetch', 'store', 'reply', 'delete', 'stop-extending']);
    const result = await stored(requestId);
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1, worker: 'i-1' });
    expect(result).toHaveProperty('predictions.length', 3);
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('whose message carries its image is classified without a fetch', async () => {
    const seen: Uint8Array[] = [];
    const classifier = fakeClassifier({
      answer: (image) => {
        seen.push(image);
        return { kind: 'bad-image', reason: 'undecodable', detail: 'seen' };
      },
    });
    const { handle, submit, receive, trace } = await openBench({ classifier });
    await submit({ image: Buffer.from(PNG).toString('base64') }, { image: null });
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(trace).toEqual(['store', 'reply', 'delete', 'stop-extending']);
    expect(Buffer.from(seen[0] ?? []).equals(PNG)).toBe(true);
  });

  test('is completed when it has its reply, before its message is deleted', async () => {
    const steps: string[] = [];
    const bench = await openBench({}, (step) => void steps.push(step));
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever, () => {
      steps.push('completed');
      expect(bench.deps.slots.room).toBe(3);
    });
    expect(await handled).toBe('completed');
    expect(steps).toEqual(['fetch', 'store', 'reply', 'completed', 'delete']);
  });

  test('has its cost in its result, also when it fails', async () => {
    const clock = new FakeClock();
    const price = (usd: number) => ({ total: usd + 2, instance: usd, queue: 0.5, store: 1.5 });
    const fail = async (step: string) => {
      if (step === 'fetch') await clock.advance(500);
    };
    const meter = new CostMeter(clock, price);
    const { handle, submit, receive, stored } = await openBench({ clock, meter }, fail);
    const cost = { currency: 'USD', total: 2.5, instance: 0.5, queue: 0.5, store: 1.5 };
    for (const image of [PNG, text]) {
      const { requestId } = await submit({}, { image });
      await handle(await receive(), forever);
      expect(await stored(requestId)).toMatchObject({ cost });
    }
  });

  test('has no cost in its result when a price is not known', async () => {
    const meter = new CostMeter(new FakeClock(), () => null);
    const { handle, submit, receive, stored } = await openBench({ meter });
    const { requestId } = await submit();
    await handle(await receive(), forever);
    expect(await stored(requestId)).not.toHaveProperty('cost');
  });

  test('passes its trace context on to the reply', async () => {
    const { handle, submit, receive, untraced, sqs, replyTo } = await openBench();
    await submit({}, { attributes: trace });
    await handle(await receive(), forever);
    const options = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
    const [reply] = await untraced(() => sqs.queue(replyTo).receive(options));
    expect(reply?.attributes).toEqual(trace);
  });

  test('has its id and the id of its trace in every log line', async () => {
    const { deps } = await openBench();
    const request = aRequest();
    const message = aMessage(request, { receiveCount: 2, attributes: trace });
    using meter = deps.meter.begin();
    using slot = deps.slots.shared();
    const ends = { slot, meter, signal: forever, onCompleted: () => undefined };
    expect(beginDelivery(message, request, ends, deps).log.bindings()).toMatchObject({
      requestId: request.requestId,
      receiveCount: 2,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  const past = '2026-03-01T12:00:00.000Z';
  test.each([
    ['a text file', {}, text, 'unsupported-media-type', ['fetch']],
    ['an image that is gone', {}, null, 'image-missing', ['fetch']],
    ['a deadline that has passed', { deadlineAt: past }, undefined, 'deadline-exceeded', []],
  ])('for %s fails with its problem', async (_, request, image, code, steps) => {
    const { handle, submit, receive, stored, replies, trace, waiting } = await openBench();
    const { requestId } = await submit(request, image === undefined ? {} : { image });
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(trace).toEqual([...steps, 'store', 'reply', 'delete', 'stop-extending']);
    const result = await stored(requestId);
    expect(result).toMatchObject({
      status: 'failed',
      problem: { type: `urn:labelfleet:problem:${code}`, requestId },
    });
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('whose deadline passes while it waits for the classifier is not attempted', async () => {
    const classifier = fakeClassifier({ slots: 1 });
    const { handle, submit, receive, clock, stored } = await openBench({ classifier });
    const other = await classifier.reserve(forever);
    const { requestId } = await submit({ deadlineAt: '2026-03-01T12:00:05.000Z' });
    const handled = handle(await receive(), forever);
    await clock.advance(5_000);
    other[Symbol.dispose]();
    expect(await handled).toBe('completed');
    expect(await stored(requestId)).toMatchObject({ status: 'failed', attempts: 0 });
  });

  test('that no gateway waits for is stored and deleted', async () => {
    const { handle, submit, receive, stored, trace } = await openBench();
    const { requestId } = await submit({ replyTo: undefined });
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(trace).toEqual(['fetch', 'store', 'delete', 'stop-extending']);
    expect(await stored(requestId)).toMatchObject({ status: 'succeeded' });
  });

  test('is completed although its webhook cannot be sent, where no outbox queue is configured', async () => {
    const { handle, submit, receive, trace } = await openBench({ webhooks: undefined });
    await submit({ notify: 'archive' });
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(trace).toEqual(['fetch', 'store', 'reply', 'delete', 'stop-extending']);
  });

  test('sends the webhook message of its batch', async () => {
    const { handle, submit, receive, webhooks } = await openBench();
    const batchId = makeRequestId(0, Buffer.alloc(10));
    await submit({ notify: 'archive', batchId });
    await handle(await receive(), forever);
    const message = { v: 1, type: 'batch.completed', id: batchId, receiver: 'archive' };
    expect(webhooks()).toEqual([{ kind: 'decoded', value: message }]);
  });

  test('whose reply queue is deleted is completed all the same', async () => {
    const { handle, submit, receive, stored, waiting } = await openBench();
    const { requestId } = await submit({ replyTo: 'http://127.0.0.1/000000000000/gone' });
    expect(await handle(await receive(), forever)).toBe('completed');
    expect(await stored(requestId)).not.toBeNull();
    expect(waiting()).toBe(0);
  });

  test.each<[string, (result: Omit<CanceledResult, 'status'>) => StoredResult]>([
    [
      'another worker has completed',
      (result) => ({
        ...result,
        status: 'failed',
        problem: makeProblem('deadline-exceeded', result.id, 'Too late.'),
      }),
    ],
    ['its caller has canceled', (result) => ({ ...result, status: 'canceled' })],
  ])('that %s meanwhile is replied with the stored result', async (_case, theirsOf) => {
    const { handle, submit, receive, deps, stored, replies } = await openBench({ worker: 'i-1' });
    const { requestId } = await submit();
    const message = await receive();
    const times = { submittedAt: past, completedAt: past };
    const theirs = theirsOf({ v: 1, id: requestId, attempts: 0, ...times });
    await deps.results.storeOnce(theirs);
    expect(await handle(message, forever)).toBe('completed');
    expect(await stored(requestId)).toEqual(theirs);
    expect(replies()).toEqual([theirs]);
  });

  test('that is malformed is deleted', async () => {
    const { handle, queue, receive, untraced, trace, waiting } = await openBench();
    await untraced(() => queue.send({ body: '{"v":1}' }));
    expect(await handle(await receive(), forever)).toBe('discarded');
    expect(trace).toEqual(['delete']);
    expect(waiting()).toBe(0);
  });
});

describe('a redelivery', () => {
  test.each([
    ['after one delivery', 1, {}],
    ['of a request that was sent again', 0, { resent: true as const }],
  ])('%s only replies and deletes when the result is stored', async (_, earlier, request) => {
    const { handle, submit, receive, untraced, s3, trace, replies, waiting } = await openBench();
    const { requestId, submittedAt } = await submit(request);
    const result = {
      ...{ v: 1 as const, id: requestId, status: 'succeeded' as const, attempts: 1 },
      ...{ submittedAt, completedAt: submittedAt, label: 'ox' },
      predictions: [{ label: 'ox', score: 1, classIndex: 0 }],
      model: { name: 'm', version: '1', sha256: 'ab' },
      timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
    };
    await untraced(() =>
      s3.store('output').put(resultKey(requestId), encodeStoredResult(result), {
        contentType: 'application/json',
      }),
    );
    expect(await handle(await receive(earlier), forever)).toBe('completed');
    expect(trace).toEqual(['find-result', 'reply', 'delete', 'stop-extending']);
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('has the worker to itself: it runs after the others, and no slot is free meanwhile', async () => {
    const slow = Promise.withResolvers<void>();
    const { handle, submit, receive, deps, trace } = await openBench({}, (step) =>
      step === 'reply' && trace.filter((made) => made === 'reply').length === 1
        ? slow.promise
        : undefined,
    );
    await submit();
    const first = handle(await receive(), forever);
    await letOthersRun();
    await submit();
    const redelivery = handle(await receive(1), forever);
    expect(deps.slots.room).toBe(0);
    await letOthersRun();
    // The first request still sends its reply.
    expect(trace).toEqual(['fetch', 'store', 'reply', 'find-result', 'read-attempts']);
    slow.resolve();
    expect(await Promise.all([first, redelivery])).toEqual(['completed', 'completed']);
    // Once it is replied, the redelivery may begin.
    const afterwards = ['record-attempt', 'store', 'reply', 'delete', 'stop-extending'];
    expect(trace.slice(5)).toEqual(['delete', 'fetch', 'stop-extending', ...afterwards]);
    expect(deps.slots.room).toBe(3);
  });
});

describe('a visibility that lapses', () => {
  test('before the attempt leaves the message to other workers', async () => {
    const { handle, submit, receive, visibility, trace, waiting } = await openBench();
    await submit();
    visibility.lapsed = true;
    expect(await handle(await receive(), forever)).toBe('lapsed');
    expect(trace).toEqual(['stop-extending']);
    expect(waiting()).toBe(1);
  });

  test('while the image is classified keeps the result, and leaves the message', async () => {
    const classifier = fakeClassifier();
    const bench: Bench = await openBench({
      classifier: {
        model: classifier.model,
        description: classifier.description,
        async reserve(signal) {
          const room = await classifier.reserve(signal);
          return {
            ...room,
            classify(...call) {
              bench.visibility.lapsed = true;
              return room.classify(...call);
            },
          };
        },
      },
    });
    const { requestId } = await bench.submit();
    expect(await bench.handle(await bench.receive(), forever)).toBe('completed');
    expect(bench.trace).toEqual(['fetch', 'store', 'reply', 'stop-extending']);
    expect(bench.replies()).toEqual([await bench.stored(requestId)]);
    expect(bench.waiting()).toBe(1);
  });

  test.each([
    ['just after the reply does not before the message is deleted', 4_499, 1],
    ['just before the reply leaves the message', 4_500, 0],
  ])('%s, with the shortest visibility timeout', async (_, repliedAtMs, deletions) => {
    const clock = new FakeClock();
    const visibilityTimeoutMs = 6_000;
    const deletedAtMs: number[] = [];
    const queue: RequestDeps['queue'] = {
      ack: async () => {
        await clock.sleep(DELETE_LINGER_MS);
        deletedAtMs.push(clock.monotonicMs());
        return 'done';
      },
      retryIn: never,
    };
    const fails = { extend: () => Promise.reject(unreachable) };
    const monotonicMs = () => clock.monotonicMs();
    await using extender = new VisibilityExtender(fails, {
      ...{ visibilityTimeoutMs, intervalMs: 1_000_000, monotonicMs, onError: () => undefined },
    });
    const fail = (step: string) => (step === 'store' ? clock.sleep(repliedAtMs) : undefined);
    const extendVisibility: RequestDeps['extendVisibility'] = (message) => extender.start(message);
    const bench = await openBench({ clock, queue, extendVisibility }, fail);
    const { requestId } = await bench.submit();
    const handled = bench.handle({ ...(await bench.receive()), receivedAtMs: 0 }, forever);
    await clock.advance(visibilityTimeoutMs);
    expect(await handled).toBe('completed');
    expect(bench.replies()).toEqual([await bench.stored(requestId)]);
    expect(deletedAtMs).toHaveLength(deletions);
    for (const ms of deletedAtMs) expect(ms).toBeLessThan(visibilityTimeoutMs - 1_000);
  });

  test('ends the repetition of a call', async () => {
    const bench = await openBench({}, failing('fetch', unreachable));
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.clock.advance(1_000);
    bench.visibility.lapsed = true;
    await bench.clock.advance(10_000);
    expect(await handled).toBe('lapsed');
    expect(bench.trace).not.toContain('release');
  });
});

describe('a call with a transient failure', () => {
  const steps = [
    'find-result',
    'read-attempts',
    'fetch',
    'record-attempt',
    'store',
    'reply',
    'delete',
  ];

  test.each(steps.filter((step) => step !== 'record-attempt'))(
    'is repeated in place: %s',
    async (step) => {
      const bench = await openBench({}, failing(step, unreachable, 2));
      await bench.submit();
      const handled = bench.handle(await bench.receive(1), forever);
      // The delays after the first and the second failure.
      await bench.clock.advance(200 + 400);
      expect(await handled).toBe('completed');
      expect(bench.trace).toEqual(
        [...steps, 'stop-extending'].flatMap((name) =>
          name === step ? [name, name, name] : [name],
        ),
      );
    },
  );

  test('is repeated in place after the record was read again: record-attempt', async () => {
    const bench = await openBench({}, failing('record-attempt', unreachable, 1));
    const { requestId } = await bench.submit();
    const handled = bench.handle(await bench.receive(1), forever);
    await bench.clock.advance(200);
    expect(await handled).toBe('completed');
    expect(bench.trace.slice(2, 6)).toEqual([
      'fetch',
      'record-attempt',
      'read-attempts',
      'record-attempt',
    ]);
    expect(await bench.attempts(requestId)).toHaveLength(1);
  });

  test('for two minutes makes the worker release the message without a reply', async () => {
    const bench = await openBench({}, failing('store', unreachable));
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.clock.advance(115_000);
    expect(bench.trace).not.toContain('stop-extending');
    await bench.clock.advance(15_000);
    expect(await handled).toBe('released');
    expect(bench.trace.slice(-2)).toEqual(['stop-extending', 'release']);
    expect(bench.replies()).toEqual([]);
    expect(bench.waiting()).toBe(1);
  });
});

describe('a message is released after its visibility extension has stopped', () => {
  const crash = fakeClassifier({ answer: () => Promise.reject(new Error('the process died')) });

  test.each([
    // The step that is denied, and the steps made by then.
    ['find-result', ['find-result'], 1],
    ['read-attempts', ['find-result', 'read-attempts'], 1],
    ['fetch', ['fetch'], 0],
    ['store', ['fetch', 'store'], 0],
    ['reply', ['fetch', 'store', 'reply'], 0],
    ['notify', ['fetch', 'store', 'reply', 'notify'], 0],
    ['delete', ['fetch', 'store', 'reply', 'notify', 'delete'], 0],
  ])('when its call to %s is denied', async (step, done, earlier) => {
    const bench = await openBench({}, failing(step, forbidden));
    await bench.submit({ notify: 'archive' });
    expect(await bench.handle(await bench.receive(earlier), forever)).toBe('released');
    expect(bench.trace).toEqual([...done, 'stop-extending', 'release']);
    expect(bench.waiting()).toBe(1);
  });

  test.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [20, 300],
  ])(
    'when the classifier fails on receive %i, with a delay of %i s',
    async (receiveCount, seconds) => {
      const delays: number[] = [];
      const queue: RequestDeps['queue'] = {
        ack: never,
        retryIn: (_, delay) => {
          delays.push(delay);
          return Promise.resolve('done');
        },
      };
      const bench = await openBench({ classifier: crash, queue });
      await bench.submit();
      const message = { ...(await bench.receive()), receiveCount };
      expect(await bench.handle(message, forever)).toBe('released');
      expect(delays).toEqual([seconds]);
      expect(bench.replies()).toEqual([]);
    },
  );

  test('and the worker is unhealthy after failures of 5 different requests', async () => {
    const health = new Health();
    const bench = await openBench({ classifier: crash, health });
    const found: string[] = [];
    void health.unhealthy.then((reason) => found.push(reason));
    for (let request = 1; request <= 5; request++) {
      expect(found).toEqual([]);
      await bench.submit();
      expect(await bench.handle(await bench.receive(), forever)).toBe('released');
    }
    expect(found).toEqual([expect.stringContaining('the process died')]);
  });

  test('when the attempt takes longer than MAX_ATTEMPT_SECONDS', async () => {
    const bench = await openBench({ classifier: fakeClassifier({ answer: never }) });
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.clock.advance(59_999);
    expect(bench.trace).toEqual(['fetch']);
    await bench.clock.advance(1);
    expect(await handled).toBe('released');
    expect(bench.trace).toEqual(['fetch', 'stop-extending', 'release']);
  });

  test('but not because it waited long for the classifier', async () => {
    const classifier = fakeClassifier({ slots: 1 });
    const bench = await openBench({ classifier });
    const other = await classifier.reserve(forever);
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.clock.advance(100_000);
    other[Symbol.dispose]();
    expect(await handled).toBe('completed');
  });

  test.each<[string, Partial<RequestDeps>, (step: string) => void]>([
    ['waits for its exclusive slot', { slots: occupied(3) }, () => undefined],
    ['waits for the classifier', { classifier: fakeClassifier({ slots: 0 }) }, () => undefined],
    ['waits for the store', {}, failing('fetch', unreachable)],
    ['is classified', { classifier: fakeClassifier({ answer: never }) }, () => undefined],
  ])('at once when the drain times out while it %s', async (_, overrides, fail) => {
    const bench = await openBench(overrides, fail);
    const drain = new AbortController();
    const { requestId } = await bench.submit();
    const handled = bench.handle(await bench.receive(1), drain.signal);
    await bench.clock.advance(1_000);
    drain.abort(new Error('the drain time-out is over'));
    expect(await handled).toBe('released');
    expect(bench.trace.slice(-2)).toEqual(['stop-extending', 'release']);
    expect(await bench.attempts(requestId)).toEqual([]);
    // The message is visible at once.
    expect(await bench.receive()).toMatchObject({ receiveCount: 3 });
  });
});

/** Slots of which one is never freed. */
function occupied(count: number): Slots {
  const slots = new Slots(count);
  slots.shared();
  return slots;
}
