import type { ReceivedMessage, ReceiveOptions } from '@labelfleet/aws/queue';
import { encodeJobMessage, makeRequestId, type JobMessage } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { aMessage, aRequest, silentLog } from '../testing/builders.ts';
import { FakeClock, letOthersRun } from '../testing/fake-clock.ts';
import { createBatchLoop } from './batch-loop.ts';

const job = makeRequestId(0, Buffer.alloc(10));
const CHUNK: JobMessage = { v: 1, type: 'chunk', job, page: 0, chunk: 0 };
const PLAN: JobMessage = { v: 1, type: 'plan', job };

/** A loop whose queue and handler answer when the test says so. */
function startLoop() {
  const clock = new FakeClock();
  const requests = { quietMs: 60_000 };
  const polls: (PromiseWithResolvers<ReceivedMessage[]> & { options: ReceiveOptions })[] = [];
  const handled: (PromiseWithResolvers<void> & {
    onNearlyDone: () => void;
    signal: AbortSignal;
  })[] = [];
  const work = createBatchLoop({
    batchQueue: {
      receive: (options, signal) => {
        const poll = { ...Promise.withResolvers<ReceivedMessage[]>(), options };
        signal?.addEventListener('abort', () => poll.reject(signal.reason as Error));
        polls.push(poll);
        return poll.promise;
      },
    },
    handle: (_, { signal }, onNearlyDone) => {
      const handling = { ...Promise.withResolvers<void>(), onNearlyDone, signal };
      handled.push(handling);
      return handling.promise;
    },
    activity: { quietMs: () => requests.quietMs },
    visibilityTimeoutSeconds: 30,
    clock,
    random: () => 1,
    log: silentLog,
  });
  const run = () => {
    const drain = new AbortController();
    let hasEnded = false;
    const ended = work({
      signal: drain.signal,
      deadline: new AbortController().signal,
      polled: () => Promise.resolve(),
      onSlotFreed: () => undefined,
    }).then(() => (hasEnded = true));
    return { drain: () => drain.abort(new Error('draining')), ended, hasEnded: () => hasEnded };
  };
  const deliver = async (...messages: (JobMessage | string)[]) => {
    polls.at(-1)?.resolve(
      messages.map((message) =>
        aMessage(aRequest(), {
          body: typeof message === 'string' ? message : encodeJobMessage(message),
        }),
      ),
    );
    await letOthersRun();
  };
  const doing = async (act: (() => void) | undefined) => {
    act?.();
    await letOthersRun();
  };
  return { clock, requests, polls, handled, run, deliver, doing };
}

test('receives one message by a long poll of 20 s, and the next one when the chunk is nearly done', async () => {
  const { polls, handled, run, deliver, doing } = startLoop();
  run();
  await letOthersRun();
  expect(polls.map(({ options }) => options)).toEqual([
    { maxMessages: 1, waitSeconds: 20, visibilityTimeoutSeconds: 30 },
  ]);
  await deliver();
  expect(polls).toHaveLength(2);
  await deliver(CHUNK);
  expect(polls).toHaveLength(2);
  await doing(handled[0]?.onNearlyDone);
  expect(polls).toHaveLength(3);
  await deliver(CHUNK);
  await doing(handled[1]?.onNearlyDone);
  // Two chunks at most are in hand.
  expect(polls).toHaveLength(3);
  await doing(handled[0]?.resolve);
  expect(polls).toHaveLength(4);
});

test('works on plans beside chunks, on a few', async () => {
  const { polls, handled, run, deliver, doing } = startLoop();
  run();
  await letOthersRun();
  for (let plans = 1; plans <= 8; plans++) {
    expect(polls).toHaveLength(plans);
    await deliver(PLAN);
  }
  expect(polls).toHaveLength(8);
  await doing(handled[0]?.resolve);
  expect(polls).toHaveLength(9);
  await deliver(CHUNK);
  expect(handled).toHaveLength(9);
});

test('hands on a malformed message', async () => {
  const { handled, run, deliver } = startLoop();
  run();
  await letOthersRun();
  await deliver('no message of a job');
  expect(handled).toHaveLength(1);
});

test('does not receive while a request is open', async () => {
  const { clock, requests, polls, run } = startLoop();
  requests.quietMs = 0;
  run();
  await clock.advance(30_000);
  expect(polls).toHaveLength(0);
  requests.quietMs = 100;
  await clock.advance(100);
  expect(polls).toHaveLength(1);
});

test('polls again with growing delays while the queue cannot be reached', async () => {
  const { clock, polls, run } = startLoop();
  run();
  await letOthersRun();
  for (const pauseMs of [200, 400, 800]) {
    const count = polls.length;
    polls.at(-1)?.reject(new Error('ECONNREFUSED'));
    await clock.advance(pauseMs - 1);
    expect(polls).toHaveLength(count);
    await clock.advance(1);
    expect(polls).toHaveLength(count + 1);
  }
});

test('ends by a drain when everything in hand is released, and works again after a resume', async () => {
  const { polls, handled, run, deliver, doing } = startLoop();
  const first = run();
  await letOthersRun();
  await deliver(CHUNK);
  await doing(handled[0]?.onNearlyDone);
  await deliver(PLAN);
  expect(polls).toHaveLength(3);
  await doing(first.drain);
  expect(handled.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  expect(first.hasEnded()).toBe(false);

  // A resume comes while the last image of the first chunk is in a classifier process.
  const second = run();
  await doing(handled[1]?.resolve);
  expect(polls).toHaveLength(4);
  expect(first.hasEnded()).toBe(false);
  await doing(handled[0]?.resolve);
  expect(first.hasEnded()).toBe(true);
  await deliver(CHUNK);
  expect(handled[2]?.signal.aborted).toBe(false);
  expect(second.hasEnded()).toBe(false);
});

test('a drain ends waits for requests, for room and after a failed poll', async () => {
  for (const state of ['requests', 'room', 'failed'] as const) {
    const { requests, polls, handled, run, deliver, doing } = startLoop();
    if (state === 'requests') requests.quietMs = 0;
    const running = run();
    await letOthersRun();
    if (state === 'room') await deliver(CHUNK);
    if (state === 'failed') await doing(() => polls[0]?.reject(new Error('ECONNREFUSED')));
    await doing(running.drain);
    await doing(handled[0]?.resolve);
    expect(running.hasEnded(), state).toBe(true);
    expect(polls.length, state).toBeLessThan(2);
  }
});
