import { problemCode } from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { describe, expect, test } from 'vitest';
import { createRequestHandler, type RequestDeps } from './handle-request.ts';
import { Slots } from '../receive/slots.ts';
import { forbidden, openBench, unreachable, type Bench } from '../testing/bench.ts';
import { letOthersRun } from '../testing/fake-time.ts';

const forever = new AbortController().signal;
const failing = fakeClassifier({ answer: () => Promise.reject(new Error('the process died')) });
const never = fakeClassifier({ answer: () => new Promise(() => undefined), slots: 6 });

/** Makes what is on the queue visible now, whatever backoff it has, and has it handled. */
async function handleNext(bench: Bench, earlier = 0) {
  return bench.handle(await bench.receive(earlier), forever);
}

/** A worker that gives back with no delay, so that the queue's own clock does not matter. */
async function impatientBench(overrides: Partial<RequestDeps> = {}) {
  const delays: number[] = [];
  const bench = await openBench(overrides);
  const { queue } = bench;
  const handle = createRequestHandler({
    ...bench.deps,
    queue: {
      ack: (receipt) => queue.ack(receipt),
      retryIn: (receipt, seconds) => {
        delays.push(seconds);
        return queue.retryIn(receipt, 0);
      },
    },
  });
  return { ...bench, handle, delays };
}

describe('starts on an image', () => {
  test('are recorded from the second receive on, and told in the answer', async () => {
    const bench = await openBench();
    const first = await bench.submit();
    expect(await handleNext(bench)).toBe('answered');
    expect(await bench.starts(first.requestId)).toEqual([]);
    expect(await bench.stored(first.requestId)).toMatchObject({ attempts: 1 });

    const second = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('answered');
    // 60 s for the attempt and 15 s of margin.
    expect(await bench.starts(second.requestId)).toEqual([
      {
        nonce: 'nonce-1',
        worker: 'i-1',
        at: '2026-03-01T12:00:00.000Z',
        endsAt: '2026-03-01T12:01:15.000Z',
      },
    ]);
    expect(await bench.stored(second.requestId)).toMatchObject({ attempts: 1 });
  });

  test('are recorded on the first receive of a message that was sent again', async () => {
    const bench = await openBench();
    const { requestId } = await bench.submit({ resent: true });
    await handleNext(bench);
    expect(await bench.starts(requestId)).toHaveLength(1);
  });

  test('that fail are four at most; then, once the last is surely over, the image is answered', async () => {
    const bench = await impatientBench({ classifier: failing });
    const { requestId } = await bench.submit();
    for (let receive = 1; receive <= 4; receive++)
      expect(await handleNext(bench)).toBe('given-back');
    expect(await bench.starts(requestId)).toHaveLength(3);

    await bench.time.advance(74_000);
    bench.trace.length = 0;
    expect(await handleNext(bench)).toBe('given-back');
    expect(bench.delays.at(-1)).toBe(1);
    expect(bench.trace).toEqual(['look', 'look-at-starts', 'release', 'retry-in']);

    await bench.time.advance(1_000);
    bench.trace.length = 0;
    expect(await handleNext(bench)).toBe('answered');
    expect(bench.trace).toEqual([
      ...['look', 'look-at-starts', 'store', 'reply', 'delete', 'release'],
    ]);
    const result = await bench.stored(requestId);
    if (result?.status !== 'failed') throw new Error('it did not fail');
    expect(problemCode(result.problem)).toBe('attempts-exhausted');
    expect(result).toMatchObject({ attempts: 3, problem: { requestId } });
    expect(bench.replies()).toEqual([result]);
    expect(bench.waiting()).toBe(0);
  });

  test('of workers that were killed are on record, and the next answer tells of them', async () => {
    const bench = await impatientBench({ classifier: never });
    const { requestId } = await bench.submit();
    const message = await bench.receive(1);
    // Killed: it stands still for ever, and its visibility runs out.
    void bench.handle(message, forever);
    await letOthersRun();
    expect(await bench.starts(requestId)).toHaveLength(1);
    await bench.unseen(() => bench.queue.retryIn(message.receipt, 0));
    const other = createRequestHandler({
      ...bench.deps,
      ...{ classifier: fakeClassifier(), slots: new Slots(1) },
    });
    expect(await other(await bench.receive(), forever)).toBe('answered');
    expect(await bench.stored(requestId)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  test('by several at once never get past three', async () => {
    const bench = await impatientBench({ classifier: never });
    const { requestId } = await bench.submit();
    const message = await bench.receive(1);
    const workers = Array.from({ length: 6 }, () =>
      createRequestHandler({ ...bench.deps, slots: new Slots(1) }),
    );
    for (const worker of workers) void worker(message, forever);
    await letOthersRun();
    await letOthersRun();
    expect(await bench.starts(requestId)).toHaveLength(3);
  });
});

describe('no attempt is', () => {
  /** Throws at a step as long as it is told to. */
  function brokenAt(step: string, error: Error) {
    const cloud = { broken: true };
    const fail = (made: string) => {
      if (cloud.broken && made === step) throw error;
    };
    return { cloud, fail };
  }

  test.each(['store', 'reply'])(
    'a start whose %s was refused: it is taken off the record',
    async (step) => {
      const bench = await openBench({}, brokenAt(step, forbidden).fail);
      const { requestId } = await bench.submit();
      expect(await handleNext(bench, 1)).toBe('given-back');
      expect(await bench.starts(requestId)).toEqual([]);
    },
  );

  test('a start given back while the store was out of reach for two minutes', async () => {
    const bench = await openBench({}, brokenAt('store', unreachable).fail);
    const { requestId } = await bench.submit();
    const handled = handleNext(bench, 1);
    await bench.time.advance(130_000);
    expect(await handled).toBe('given-back');
    expect(await bench.starts(requestId)).toEqual([]);
  });

  test('a start that found its hold lapsed once it was on record', async () => {
    const bench: Bench = await openBench({}, (step) => {
      if (step === 'record') bench.held.lapsed = true;
    });
    const { requestId } = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('left');
    expect(await bench.starts(requestId)).toEqual([]);
    expect(bench.trace).not.toContain('retry-in');
  });

  test('but one is a crash after the hold has lapsed, though others have the message', async () => {
    const bench: Bench = await openBench({
      classifier: fakeClassifier({
        answer: () => {
          bench.held.lapsed = true;
          return Promise.reject(new Error('the process died'));
        },
      }),
    });
    const { requestId } = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('left');
    expect(await bench.starts(requestId)).toHaveLength(1);
    expect(bench.trace).not.toContain('retry-in');
  });
});

describe('a write to the record', () => {
  test('whose answer was lost counts once', async () => {
    let lost = 0;
    const bench = await openBench();
    const { state } = bench.deps;
    const handle = createRequestHandler({
      ...bench.deps,
      state: {
        get: (...call) => state.get(...call),
        put: async (...call) => {
          const outcome = await state.put(...call);
          if (lost++ === 0) throw unreachable;
          return outcome;
        },
      },
    });
    const { requestId } = await bench.submit();
    const handled = handle(await bench.receive(1), forever);
    await bench.time.advance(200);
    expect(await handled).toBe('answered');
    expect(await bench.starts(requestId)).toHaveLength(1);
    expect(await bench.stored(requestId)).toMatchObject({ attempts: 1 });
  });
});
