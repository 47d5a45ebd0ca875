import { encodeStoredResult, resultKey } from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { describe, expect, test } from 'vitest';
import { CostMeter } from './cost-meter.ts';
import { takeUp } from './delivery.ts';
import type { RequestDeps } from './handle-request.ts';
import { Health } from '../fleet/health.ts';
import { Slots } from '../receive/slots.ts';
import { aMessage, aRequest, PNG } from '../testing/builders.ts';
import { forbidden, openBench, unreachable, type Bench } from '../testing/bench.ts';
import { FakeTime, letOthersRun } from '../testing/fake-time.ts';

const forever = new AbortController().signal;
const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const text = new TextEncoder().encode('not a picture');
const never = () => new Promise<never>(() => undefined);

/** Throws this error the first `times` times that the step is made. */
function failing(step: string, error: Error, times = Infinity) {
  let failures = 0;
  return (made: string) => {
    if (made === step && failures++ < times) throw error;
  };
}

describe('a request', () => {
  test('is fetched, classified, stored, replied and deleted, in this order', async () => {
    const { handle, submit, receive, stored, replies, trace, waiting } = await openBench();
    const { requestId } = await submit();
    expect(await handle(await receive(), forever)).toBe('answered');
    expect(trace).toEqual(['fetch', 'store', 'reply', 'delete', 'release']);
    const result = await stored(requestId);
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1, worker: 'i-1' });
    expect(result).toHaveProperty('predictions.length', 3);
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('says what it has cost, also where it is no picture', async () => {
    const time = new FakeTime();
    const price = (usd: number) => ({ total: usd + 2, instance: usd, queue: 0.5, store: 1.5 });
    const fail = async (step: string) => {
      if (step === 'fetch') await time.advance(500);
    };
    const meter = new CostMeter(time, price);
    const { handle, submit, receive, stored } = await openBench({ time, meter }, fail);
    const cost = { currency: 'USD', total: 2.5, instance: 0.5, queue: 0.5, store: 1.5 };
    for (const image of [PNG, text]) {
      const { requestId } = await submit({}, { image });
      await handle(await receive(), forever);
      expect(await stored(requestId)).toMatchObject({ cost });
    }
  });

  test('says nothing of its cost where a price is not known', async () => {
    const meter = new CostMeter(new FakeTime(), () => null);
    const { handle, submit, receive, stored } = await openBench({ meter });
    const { requestId } = await submit();
    await handle(await receive(), forever);
    expect(await stored(requestId)).not.toHaveProperty('cost');
  });

  test('hands its trace context on to the reply', async () => {
    const { handle, submit, receive, unseen, sqs, replyTo } = await openBench();
    await submit({}, { attributes: trace });
    await handle(await receive(), forever);
    const options = { maxMessages: 1, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
    const [reply] = await unseen(() => sqs.queue(replyTo).receive(options));
    expect(reply?.attributes).toEqual(trace);
  });

  test('stands with its id and trace context in every log line', async () => {
    const { deps } = await openBench();
    const request = aRequest();
    const message = aMessage(request, { receiveCount: 2, attributes: trace });
    using meter = deps.meter.begin();
    expect(takeUp(message, request, meter, forever, deps).log.bindings()).toMatchObject({
      requestId: request.requestId,
      receiveCount: 2,
      ...trace,
    });
  });

  const past = '2026-03-01T12:00:00.000Z';
  test.each([
    ['a text file', {}, text, 'unsupported-media-type', ['fetch']],
    ['an image that is gone', {}, null, 'image-missing', ['fetch']],
    ['a deadline that has passed', { deadlineAt: past }, undefined, 'deadline-exceeded', []],
  ])('for %s is answered for good', async (_, request, image, code, steps) => {
    const { handle, submit, receive, stored, replies, trace, waiting } = await openBench();
    const { requestId } = await submit(request, image === undefined ? {} : { image });
    expect(await handle(await receive(), forever)).toBe('answered');
    expect(trace).toEqual([...steps, 'store', 'reply', 'delete', 'release']);
    const result = await stored(requestId);
    expect(result).toMatchObject({
      status: 'failed',
      problem: { type: `urn:labelfleet:problem:${code}`, requestId },
    });
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('whose deadline passes while it waits for the classifier is not started', async () => {
    const classifier = fakeClassifier({ slots: 1 });
    const { handle, submit, receive, time, stored } = await openBench({ classifier });
    const other = await classifier.reserve(forever);
    const { requestId } = await submit({ deadlineAt: '2026-03-01T12:00:05.000Z' });
    const handled = handle(await receive(), forever);
    await time.advance(5_000);
    other[Symbol.dispose]();
    expect(await handled).toBe('answered');
    expect(await stored(requestId)).toMatchObject({ status: 'failed', attempts: 0 });
  });

  test('that nobody waits for is stored and deleted', async () => {
    const { handle, submit, receive, stored, trace } = await openBench();
    const { requestId } = await submit({ replyTo: undefined });
    expect(await handle(await receive(), forever)).toBe('answered');
    expect(trace).toEqual(['fetch', 'store', 'delete', 'release']);
    expect(await stored(requestId)).toMatchObject({ status: 'succeeded' });
  });

  test('whose reply queue is gone counts as replied', async () => {
    const { handle, submit, receive, stored, waiting } = await openBench();
    const { requestId } = await submit({ replyTo: 'http://127.0.0.1/000000000000/gone' });
    expect(await handle(await receive(), forever)).toBe('answered');
    expect(await stored(requestId)).not.toBeNull();
    expect(waiting()).toBe(0);
  });

  test('that another has answered meanwhile is replied with what stands', async () => {
    const { handle, submit, receive, deps, stored, replies } = await openBench({ worker: 'i-1' });
    const { requestId } = await submit();
    const message = await receive();
    const theirs = {
      ...{ v: 1 as const, id: requestId, status: 'failed' as const, attempts: 0 },
      ...{ submittedAt: past, completedAt: past },
      problem: {
        type: 'urn:labelfleet:problem:deadline-exceeded' as const,
        ...{ title: 'Too late', status: 504, detail: 'Too late.', requestId },
      },
    };
    await deps.results.storeOnce(theirs);
    expect(await handle(message, forever)).toBe('answered');
    expect(await stored(requestId)).toEqual(theirs);
    expect(replies()).toEqual([theirs]);
  });

  test('that cannot be read is logged, counted and deleted', async () => {
    const { handle, queue, receive, unseen, trace, waiting } = await openBench();
    await unseen(() => queue.send({ body: '{"v":1}' }));
    expect(await handle(await receive(), forever)).toBe('discarded');
    expect(trace).toEqual(['delete']);
    expect(waiting()).toBe(0);
  });
});

describe('a request that was delivered before', () => {
  test.each([
    ['on its second receive', 1, {}],
    ['that was sent again', 0, { resent: true as const }],
  ])('%s, with its result stored, is only replied and deleted', async (_, earlier, request) => {
    const { handle, submit, receive, unseen, s3, trace, replies, waiting } = await openBench();
    const { requestId, submittedAt } = await submit(request);
    const result = {
      ...{ v: 1 as const, id: requestId, status: 'succeeded' as const, attempts: 1 },
      ...{ submittedAt, completedAt: submittedAt, label: 'ox' },
      predictions: [{ label: 'ox', score: 1, classIndex: 0 }],
      model: { name: 'm', version: '1', sha256: 'ab' },
      timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
    };
    await unseen(() =>
      s3.store('output').put(resultKey(requestId), encodeStoredResult(result), {
        contentType: 'application/json',
      }),
    );
    expect(await handle(await receive(earlier), forever)).toBe('answered');
    expect(trace).toEqual(['look', 'reply', 'delete', 'release']);
    expect(replies()).toEqual([result]);
    expect(waiting()).toBe(0);
  });

  test('is worked on alone: after the others have ended, with nothing received meanwhile', async () => {
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
    const again = handle(await receive(1), forever);
    expect(deps.slots.free).toBe(0);
    await letOthersRun();
    // The other is at its reply still.
    expect(trace).toEqual(['fetch', 'store', 'reply', 'look', 'look-at-starts']);
    slow.resolve();
    expect(await Promise.all([first, again])).toEqual(['answered', 'answered']);
    const alone = ['fetch', 'record', 'store', 'reply', 'delete', 'release'];
    expect(trace.slice(5)).toEqual(['delete', 'release', ...alone]);
    expect(deps.slots.free).toBe(3);
  });
});

describe('a hold that has lapsed', () => {
  test('before the start leaves everything to others', async () => {
    const { handle, submit, receive, held, trace, waiting } = await openBench();
    await submit();
    held.lapsed = true;
    expect(await handle(await receive(), forever)).toBe('left');
    expect(trace).toEqual(['release']);
    expect(waiting()).toBe(1);
  });

  test('while the image is classified keeps the answer and the message', async () => {
    const classifier = fakeClassifier();
    const bench: Bench = await openBench({
      classifier: {
        model: classifier.model,
        async reserve(signal) {
          const room = await classifier.reserve(signal);
          return {
            ...room,
            classify(...call) {
              bench.held.lapsed = true;
              return room.classify(...call);
            },
          };
        },
      },
    });
    const { requestId } = await bench.submit();
    expect(await bench.handle(await bench.receive(), forever)).toBe('answered');
    expect(bench.trace).toEqual(['fetch', 'store', 'reply', 'release']);
    expect(bench.replies()).toEqual([await bench.stored(requestId)]);
    expect(bench.waiting()).toBe(1);
  });

  test('ends the retries of a call', async () => {
    const bench = await openBench({}, failing('fetch', unreachable));
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.time.advance(1_000);
    bench.held.lapsed = true;
    await bench.time.advance(10_000);
    expect(await handled).toBe('left');
    expect(bench.trace).not.toContain('retry-in');
  });
});

describe('a call that fails and may pass', () => {
  const steps = ['look', 'look-at-starts', 'fetch', 'record', 'store', 'reply', 'delete'];

  test.each(steps.filter((step) => step !== 'record'))(
    'is made again in place: %s',
    async (step) => {
      const bench = await openBench({}, failing(step, unreachable, 2));
      await bench.submit();
      const handled = bench.handle(await bench.receive(1), forever);
      // The pauses after the first and the second failure.
      await bench.time.advance(200 + 400);
      expect(await handled).toBe('answered');
      expect(bench.trace).toEqual(
        [...steps, 'release'].flatMap((name) => (name === step ? [name, name, name] : [name])),
      );
    },
  );

  test('is made again in place, after a look at what stands: record', async () => {
    const bench = await openBench({}, failing('record', unreachable, 1));
    const { requestId } = await bench.submit();
    const handled = bench.handle(await bench.receive(1), forever);
    await bench.time.advance(200);
    expect(await handled).toBe('answered');
    expect(bench.trace.slice(2, 6)).toEqual(['fetch', 'record', 'look-at-starts', 'record']);
    expect(await bench.starts(requestId)).toHaveLength(1);
  });

  test('for two minutes on end has the message given back, with nothing answered', async () => {
    const bench = await openBench({}, failing('store', unreachable));
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.time.advance(115_000);
    expect(bench.trace).not.toContain('release');
    await bench.time.advance(15_000);
    expect(await handled).toBe('given-back');
    expect(bench.trace.slice(-2)).toEqual(['release', 'retry-in']);
    expect(bench.replies()).toEqual([]);
    expect(bench.waiting()).toBe(1);
  });
});

describe('a message is given back, its hold released first', () => {
  const crash = fakeClassifier({ answer: () => Promise.reject(new Error('the process died')) });

  test.each([
    // The step that fails for good, and what has been done by then.
    ['look', ['look'], 1],
    ['look-at-starts', ['look', 'look-at-starts'], 1],
    ['fetch', ['fetch'], 0],
    ['store', ['fetch', 'store'], 0],
    ['reply', ['fetch', 'store', 'reply'], 0],
    ['delete', ['fetch', 'store', 'reply', 'delete'], 0],
  ])('when %s is refused', async (step, done, earlier) => {
    const bench = await openBench({}, failing(step, forbidden));
    await bench.submit();
    expect(await bench.handle(await bench.receive(earlier), forever)).toBe('given-back');
    expect(bench.trace).toEqual([...done, 'release', 'retry-in']);
    expect(bench.waiting()).toBe(1);
  });

  test.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [20, 300],
  ])('when the classifier fails on receive %i, for %i s', async (receiveCount, seconds) => {
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
    expect(await bench.handle(message, forever)).toBe('given-back');
    expect(delays).toEqual([seconds]);
    expect(bench.replies()).toEqual([]);
  });

  test('and a worker whose attempts all fail for 5 different requests is unhealthy', async () => {
    const health = new Health();
    const bench = await openBench({ classifier: crash, health });
    const found: string[] = [];
    void health.unhealthy.then((reason) => found.push(reason));
    for (let request = 1; request <= 5; request++) {
      expect(found).toEqual([]);
      await bench.submit();
      expect(await bench.handle(await bench.receive(), forever)).toBe('given-back');
    }
    expect(found).toEqual([expect.stringContaining('the process died')]);
  });

  test('when the attempt takes longer than MAX_ATTEMPT_SECONDS', async () => {
    const bench = await openBench({ classifier: fakeClassifier({ answer: never }) });
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.time.advance(59_999);
    expect(bench.trace).toEqual(['fetch']);
    await bench.time.advance(1);
    expect(await handled).toBe('given-back');
    expect(bench.trace).toEqual(['fetch', 'release', 'retry-in']);
  });

  test('not counting the time it waited for the classifier', async () => {
    const classifier = fakeClassifier({ slots: 1 });
    const bench = await openBench({ classifier });
    const other = await classifier.reserve(forever);
    await bench.submit();
    const handled = bench.handle(await bench.receive(), forever);
    await bench.time.advance(100_000);
    other[Symbol.dispose]();
    expect(await handled).toBe('answered');
  });

  test.each<[string, Partial<RequestDeps>, (step: string) => void]>([
    ['waits for its turn alone', { slots: occupied(3) }, () => undefined],
    ['waits for the classifier', { classifier: fakeClassifier({ slots: 0 }) }, () => undefined],
    ['waits for the store', {}, failing('fetch', unreachable)],
    ['is classified', { classifier: fakeClassifier({ answer: never }) }, () => undefined],
  ])('at once when the drain time-out comes while it %s', async (_, overrides, fail) => {
    const bench = await openBench(overrides, fail);
    const drain = new AbortController();
    const { requestId } = await bench.submit();
    const handled = bench.handle(await bench.receive(1), drain.signal);
    await bench.time.advance(1_000);
    drain.abort(new Error('the drain time-out is over'));
    expect(await handled).toBe('given-back');
    expect(bench.trace.slice(-2)).toEqual(['release', 'retry-in']);
    expect(await bench.starts(requestId)).toEqual([]);
    // Visible at once.
    expect(await bench.receive()).toMatchObject({ receiveCount: 3 });
  });
});

/** Slots of which one is taken for good. */
function occupied(count: number): Slots {
  const slots = new Slots(count);
  slots.share();
  return slots;
}
