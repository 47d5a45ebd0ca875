import { fakeClassifier } from '@labelfleet/inference/testing';
import { describe, expect, test } from 'vitest';
import { createRequestHandler, type RequestDeps } from './handle-request.ts';
import { Slots } from '../receive/slots.ts';
import { openBench } from '../testing/bench.ts';
import { letOthersRun } from '../testing/fake-clock.ts';

const forever = new AbortController().signal;

type Step = 'fetch' | 'record-attempt' | 'classify' | 'store' | 'reply' | 'notify' | 'delete';
type When = 'before' | 'after';

/**
 * The same Deps, but the worker stops at one step: before the call is made, or after it took effect and
 * before it returns. `wake` lets it go on, like a process that was suspended.
 */
function stoppedAt(step: Step, when: When, deps: RequestDeps) {
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  const at =
    <A extends unknown[], R>(name: Step, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (name === step && when === 'before') await awake;
      const result = await call(...args);
      if (name === step && when === 'after') await awake;
      return result;
    };
  const stopped: RequestDeps = {
    ...deps,
    images: { get: at('fetch', (...args) => deps.images.get(...args)) },
    state: {
      get: (...args) => deps.state.get(...args),
      put: at('record-attempt', (...args) => deps.state.put(...args)),
    },
    classifier: {
      model: deps.classifier.model,
      description: deps.classifier.description,
      reserve: async (signal) => {
        const room = await deps.classifier.reserve(signal);
        return { ...room, classify: at('classify', (...args) => room.classify(...args)) };
      },
    },
    results: {
      ...deps.results,
      storeOnce: at('store', (...args) => deps.results.storeOnce(...args)),
    },
    replies: { send: at('reply', (...args) => deps.replies.send(...args)) },
    webhooks: deps.webhooks && { send: at('notify', deps.webhooks.send.bind(deps.webhooks)) },
    queue: { ...deps.queue, ack: at('delete', (...args) => deps.queue.ack(...args)) },
  };
  return { stopped, wake };
}

const aWebhook = (id: string) => ({
  ...{ v: 1, type: 'classification.completed', id, receiver: 'archive' },
});

/** Two workers with the same queues and buckets, whose classifiers disagree. */
async function twoWorkers(step: Step, when: When) {
  const says = (label: string) =>
    fakeClassifier({
      answer: () => ({
        kind: 'classified',
        predictions: [{ label, score: 1, classIndex: 0 }],
        decodeMs: 1,
        inferMs: 1,
      }),
    });
  const bench = await openBench({ classifier: says('first'), worker: 'i-first' });
  const { stopped, wake } = stoppedAt(step, when, {
    ...bench.deps,
    queue: {
      ack: (receipt) => bench.queue.ack(receipt),
      retryIn: (...args) => bench.queue.retryIn(...args),
    },
  });
  const second = createRequestHandler({
    ...bench.deps,
    classifier: says('second'),
    worker: 'i-second',
    extendVisibility: () => ({ lapsed: () => false, stop: () => Promise.resolve() }),
    slots: new Slots(3),
  });
  return { bench, first: createRequestHandler(stopped), second, wake };
}

/**
 * Runs the first worker up to its step; then the message becomes visible again and the second one receives it.
 * @param earlier how often the message had been received before
 */
async function killAndRedeliver(step: Step, when: When, earlier: number) {
  const { bench, first, second, wake } = await twoWorkers(step, when);
  const { requestId } = await bench.submit({ notify: 'archive' });
  const message = await bench.receive(earlier);
  const handled = first(message, forever);
  await letOthersRun();
  bench.visibility.lapsed = true;
  const redelivered = bench.waiting() > 0;
  if (redelivered) {
    await bench.untraced(() => bench.queue.retryIn(message.receipt, 0));
    expect(await second(await bench.receive(), forever)).toBe('completed');
  }
  return { ...{ bench, requestId, handled, redelivered, wake } };
}

// Killed before its result is stored: the second worker attempts the image again, and its result counts.
// After that the first one's result counts, and the second one only replies with it. `attempts` is the length
// of the attempt record when the first delivery was a redelivery: the second worker's attempt, and that of the
// first one if it was killed after it recorded it.
const rows = [
  { step: 'fetch', when: 'before', label: 'second', replies: 1, attempts: 1 },
  { step: 'fetch', when: 'after', label: 'second', replies: 1, attempts: 1 },
  { step: 'record-attempt', when: 'before', label: 'second', replies: 1, attempts: 1 },
  { step: 'record-attempt', when: 'after', label: 'second', replies: 1, attempts: 2 },
  { step: 'classify', when: 'before', label: 'second', replies: 1, attempts: 2 },
  { step: 'classify', when: 'after', label: 'second', replies: 1, attempts: 2 },
  { step: 'store', when: 'before', label: 'second', replies: 1, attempts: 2 },
  { step: 'store', when: 'after', label: 'first', replies: 1, attempts: 1 },
  { step: 'reply', when: 'before', label: 'first', replies: 1, attempts: 1 },
  // The reply was sent, and nobody knows: the same reply is sent again.
  { step: 'reply', when: 'after', label: 'first', replies: 2, attempts: 1 },
  { step: 'notify', when: 'before', label: 'first', replies: 2, attempts: 1 },
  { step: 'notify', when: 'after', label: 'first', replies: 2, webhooks: 2, attempts: 1 },
  { step: 'delete', when: 'before', label: 'first', replies: 2, webhooks: 2, attempts: 1 },
  { step: 'delete', when: 'after', label: 'first', replies: 1, attempts: 1 },
] as const;

const table = [0, 1].flatMap((earlier) =>
  rows
    .map((row) => ({ webhooks: 1, ...row }))
    // The attempt of a first delivery is not recorded.
    .filter(({ step }) => earlier > 0 || step !== 'record-attempt')
    .map((row) => ({ ...row, earlier })),
);

describe.each(table)(
  'a worker that stops $when step $step, after $earlier earlier deliveries,',
  ({ step, when, label, replies, webhooks, attempts, earlier }) => {
    test('and never wakes: one result is stored, replied and notified, the message is deleted', async () => {
      const { bench, requestId, redelivered } = await killAndRedeliver(step, when, earlier);
      const result = await bench.stored(requestId);
      expect(result).toMatchObject({ status: 'succeeded', label });
      expect(bench.replies()).toEqual(Array.from({ length: replies }, () => result));
      expect(bench.webhooks()).toEqual(
        Array.from({ length: webhooks }, () => ({ kind: 'decoded', value: aWebhook(requestId) })),
      );
      expect(bench.waiting()).toBe(0);
      expect(redelivered).toBe(!(step === 'delete' && when === 'after'));
      if (earlier > 0) expect(await bench.attempts(requestId)).toHaveLength(attempts);
    });

    test('and wakes late: it changes nothing', async () => {
      const { bench, requestId, handled, wake } = await killAndRedeliver(step, when, earlier);
      const before = await bench.stored(requestId);
      wake();
      await handled;
      const result = await bench.stored(requestId);
      expect(result).toEqual(before);
      for (const reply of bench.replies()) expect(reply).toEqual(result);
      expect(bench.waiting()).toBe(0);
    });
  },
);
