import { problemCode } from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { describe, expect, test } from 'vitest';
import { createRequestHandler, type RequestDeps } from './handle-request.ts';
import { Slots } from '../receive/slots.ts';
import { forbidden, openBench, unreachable, type Bench } from '../testing/bench.ts';
import { letOthersRun } from '../testing/fake-clock.ts';

const forever = new AbortController().signal;
const failing = fakeClassifier({ answer: () => Promise.reject(new Error('the process died')) });
const never = fakeClassifier({ answer: () => new Promise(() => undefined), slots: 6 });

/** Receives the next message and handles it. */
async function handleNext(bench: Bench, earlier = 0) {
  return bench.handle(await bench.receive(earlier), forever);
}

/** A worker that releases messages with no delay, so that the clock of the queue does not matter. */
async function benchWithoutDelays(overrides: Partial<RequestDeps> = {}) {
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

describe('attempts at an image', () => {
  test('are recorded from the second delivery on, and counted in the result', async () => {
    const bench = await openBench();
    const first = await bench.submit();
    expect(await handleNext(bench)).toBe('completed');
    expect(await bench.attempts(first.requestId)).toEqual([]);
    expect(await bench.stored(first.requestId)).toMatchObject({ attempts: 1 });

    const second = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('completed');
    // The limit of 60 s for an attempt, and a margin of 15 s.
    expect(await bench.attempts(second.requestId)).toEqual([
      {
        nonce: 'nonce-1',
        worker: 'i-1',
        at: '2026-03-01T12:00:00.000Z',
        endsAt: '2026-03-01T12:01:15.000Z',
      },
    ]);
    expect(await bench.stored(second.requestId)).toMatchObject({ attempts: 1 });
  });

  test('are recorded on the first delivery of a message that was sent again', async () => {
    const bench = await openBench();
    const { requestId } = await bench.submit({ resent: true });
    await handleNext(bench);
    expect(await bench.attempts(requestId)).toHaveLength(1);
  });

  test('that fail are four at most; once the last is over, the request fails with attempts-exhausted', async () => {
    const bench = await benchWithoutDelays({ classifier: failing });
    const { requestId } = await bench.submit();
    for (let receive = 1; receive <= 4; receive++) expect(await handleNext(bench)).toBe('released');
    expect(await bench.attempts(requestId)).toHaveLength(3);

    await bench.clock.advance(74_000);
    bench.trace.length = 0;
    expect(await handleNext(bench)).toBe('released');
    expect(bench.delays.at(-1)).toBe(1);
    expect(bench.trace).toEqual(['find-result', 'read-attempts', 'stop-extending', 'release']);

    await bench.clock.advance(1_000);
    bench.trace.length = 0;
    expect(await handleNext(bench)).toBe('completed');
    expect(bench.trace).toEqual([
      ...['find-result', 'read-attempts', 'store', 'reply', 'delete', 'stop-extending'],
    ]);
    const result = await bench.stored(requestId);
    if (result?.status !== 'failed') throw new Error('the request did not fail');
    expect(problemCode(result.problem)).toBe('attempts-exhausted');
    expect(result).toMatchObject({ attempts: 3, problem: { requestId } });
    expect(bench.replies()).toEqual([result]);
    expect(bench.waiting()).toBe(0);
  });

  test('of killed workers stay in the record and are counted in the result', async () => {
    const bench = await benchWithoutDelays({ classifier: never });
    const { requestId } = await bench.submit();
    const message = await bench.receive(1);
    // A killed worker never resolves, and the visibility of its message runs out.
    void bench.handle(message, forever);
    await letOthersRun();
    expect(await bench.attempts(requestId)).toHaveLength(1);
    await bench.untraced(() => bench.queue.retryIn(message.receipt, 0));
    const other = createRequestHandler({
      ...bench.deps,
      ...{ classifier: fakeClassifier(), slots: new Slots(1) },
    });
    expect(await other(await bench.receive(), forever)).toBe('completed');
    expect(await bench.stored(requestId)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  test('by six workers at once are three at most', async () => {
    const bench = await benchWithoutDelays({ classifier: never });
    const { requestId } = await bench.submit();
    const message = await bench.receive(1);
    const workers = Array.from({ length: 6 }, () =>
      createRequestHandler({ ...bench.deps, slots: new Slots(1) }),
    );
    for (const worker of workers) void worker(message, forever);
    await letOthersRun();
    await letOthersRun();
    expect(await bench.attempts(requestId)).toHaveLength(3);
  });
});

describe('an attempt is withdrawn from the record', () => {
  /** Throws at a step. */
  function brokenAt(step: string, error: Error) {
    return (made: string) => {
      if (made === step) throw error;
    };
  }

  test.each(['store', 'reply'])('when its call to %s is denied', async (step) => {
    const bench = await openBench({}, brokenAt(step, forbidden));
    const { requestId } = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('released');
    expect(await bench.attempts(requestId)).toEqual([]);
  });

  test('when the store cannot be reached for two minutes', async () => {
    const bench = await openBench({}, brokenAt('store', unreachable));
    const { requestId } = await bench.submit();
    const handled = handleNext(bench, 1);
    await bench.clock.advance(130_000);
    expect(await handled).toBe('released');
    expect(await bench.attempts(requestId)).toEqual([]);
  });

  test('when the visibility lapses while it is recorded', async () => {
    const bench: Bench = await openBench({}, (step) => {
      if (step === 'record-attempt') bench.visibility.lapsed = true;
    });
    const { requestId } = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('lapsed');
    expect(await bench.attempts(requestId)).toEqual([]);
    expect(bench.trace).not.toContain('release');
  });

  test('but not when its process crashes after the visibility has lapsed', async () => {
    const bench: Bench = await openBench({
      classifier: fakeClassifier({
        answer: () => {
          bench.visibility.lapsed = true;
          return Promise.reject(new Error('the process died'));
        },
      }),
    });
    const { requestId } = await bench.submit();
    expect(await handleNext(bench, 1)).toBe('lapsed');
    expect(await bench.attempts(requestId)).toHaveLength(1);
    expect(bench.trace).not.toContain('release');
  });
});

describe('a write to the attempt record', () => {
  test('whose response was lost counts once', async () => {
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
    await bench.clock.advance(200);
    expect(await handled).toBe('completed');
    expect(await bench.attempts(requestId)).toHaveLength(1);
    expect(await bench.stored(requestId)).toMatchObject({ attempts: 1 });
  });
});
