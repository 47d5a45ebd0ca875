import type { ReceiveOptions, ReceivedMessage } from '@labelfleet/aws/queue';
import { describe, expect, test } from 'vitest';
import { Activity } from './activity.ts';
import type { Handled } from '../request/handle-request.ts';
import { aMessage, aRequest, silentLog } from '../testing/builders.ts';
import { FakeClock, letOthersRun } from '../testing/fake-clock.ts';
import { WorkLoop, type BatchEnds, type WorkOnJobs } from './work-loop.ts';

/** A loop whose queue and handler answer when the test says so. */
function startLoop(options: { slots?: number; workOnJobs?: WorkOnJobs } = {}) {
  const clock = new FakeClock();
  const polls: (PromiseWithResolvers<ReceivedMessage[]> & { options: ReceiveOptions })[] = [];
  const inFlight = new Map<
    string,
    PromiseWithResolvers<Handled> & { signal: AbortSignal; complete: () => void }
  >();
  /** Receipts of requests without a reply. */
  const open = new Set<string>();
  const released: [receipt: string, seconds: number][] = [];
  const states: string[] = [];
  const slots = {
    count: options.slots ?? 2,
    get room() {
      return Math.max(0, Math.min(this.count - open.size, 10));
    },
  };
  const activity = new Activity(clock, slots.count);
  const loop = new WorkLoop({
    queue: {
      receive: (options) => {
        const poll = { ...Promise.withResolvers<ReceivedMessage[]>(), options };
        polls.push(poll);
        return poll.promise;
      },
      retryIn: (receipt, seconds) => {
        released.push([receipt, seconds]);
        return Promise.resolve('done');
      },
    },
    handle: ({ receipt }, signal, onCompleted) => {
      const complete = () => {
        open.delete(receipt);
        onCompleted?.();
      };
      const work = { ...Promise.withResolvers<Handled>(), signal, complete };
      inFlight.set(receipt, work);
      open.add(receipt);
      return work.promise.finally(() => {
        inFlight.delete(receipt);
        open.delete(receipt);
      });
    },
    slots,
    activity,
    workOnJobs: options.workOnJobs,
    pollSeconds: 20,
    visibilityTimeoutSeconds: 30,
    drainTimeoutMs: 60_000,
    onStateChange: () => states.push(loop.state),
    clock,
    random: () => 1,
    log: silentLog,
  });
  let ended = false;
  const running = loop.run().then(() => (ended = true));
  const deliver = async (...receipts: string[]) => {
    polls.at(-1)?.resolve(receipts.map((receipt) => aMessage(aRequest(), { receipt })));
    await letOthersRun();
  };
  const reply = async (receipt: string) => {
    inFlight.get(receipt)?.complete();
    await letOthersRun();
  };
  const finish = async (receipt: string, handled: Handled = 'completed') => {
    if (handled === 'completed') inFlight.get(receipt)?.complete();
    inFlight.get(receipt)?.resolve(handled);
    await letOthersRun();
  };
  return {
    ...{
      loop,
      running,
      clock,
      activity,
      slots,
      polls,
      inFlight,
      released,
      states,
      deliver,
      reply,
      finish,
    },
    ended: () => ended,
  };
}

describe('the work loop', () => {
  test('polls for no more messages than it has free slots, one long poll at a time', async () => {
    const { polls, deliver, finish } = startLoop({ slots: 12 });
    expect(polls.map(({ options }) => options)).toEqual([
      { maxMessages: 10, waitSeconds: 20, visibilityTimeoutSeconds: 30 },
    ]);
    await deliver('a', 'b', 'c');
    expect(polls).toHaveLength(2);
    expect(polls[1]?.options.maxMessages).toBe(9);
    await finish('a');
    expect(polls).toHaveLength(2);
    await deliver();
    expect(polls[2]?.options.maxMessages).toBe(10);
  });

  test('does not poll while no slot is free', async () => {
    const { polls, deliver, finish } = startLoop();
    await deliver('a', 'b');
    expect(polls).toHaveLength(1);
    await finish('b');
    expect(polls[1]?.options.maxMessages).toBe(1);
  });

  test('polls again when a request has its reply, before its message is deleted', async () => {
    const { polls, activity, deliver, reply, finish } = startLoop();
    await deliver('a', 'b');
    await reply('a');
    expect(polls[1]?.options.maxMessages).toBe(1);
    expect(activity.report()).toMatchObject({ busySlots: 1, imagesCompleted: 1 });
    await finish('a');
    expect(activity.report()).toMatchObject({ busySlots: 1, imagesCompleted: 1 });
  });

  test('polls again with growing delays while the queue cannot be reached', async () => {
    const { polls, clock } = startLoop();
    for (const pauseMs of [200, 400, 800]) {
      const count = polls.length;
      polls.at(-1)?.reject(new Error('ECONNREFUSED'));
      await clock.advance(pauseMs - 1);
      expect(polls).toHaveLength(count);
      await clock.advance(1);
      expect(polls).toHaveLength(count + 1);
    }
  });

  test('counts idle time from its last image, once a poll has returned no message', async () => {
    const { activity, clock, deliver, finish } = startLoop();
    await clock.advance(1_000);
    expect(activity.report().idleSeconds).toBe(0);
    await deliver('a');
    await clock.advance(2_000);
    await finish('a');
    await clock.advance(3_000);
    expect(activity.report()).toEqual({
      busySlots: 0,
      idleSeconds: 0,
      imagesCompleted: 1,
      busySeconds: 2,
      fullSeconds: 0,
      completedWhileFull: 0,
    });
    await deliver();
    expect(activity.report().idleSeconds).toBe(3);
    await deliver('b');
    expect(activity.report()).toMatchObject({ busySlots: 1, idleSeconds: 0 });
  });

  test('rejects when a handler rejects', async () => {
    const { running, inFlight, deliver } = startLoop();
    await deliver('a');
    inFlight.get('a')?.reject(new Error('a bug'));
    await expect(running).rejects.toThrow('a bug');
  });
});

describe('work on jobs', () => {
  /** Its times of working, each until the test ends it. */
  function startWithJobs() {
    const times: (PromiseWithResolvers<void> & { ends: BatchEnds })[] = [];
    const loop = startLoop({
      workOnJobs: (ends) => {
        const time = { ...Promise.withResolvers<void>(), ends };
        times.push(time);
        return time.promise;
      },
    });
    return { ...loop, times };
  }

  test('ends at a drain, which waits for it, and begins again at a resume', async () => {
    const { loop, states, times, deliver } = startWithJobs();
    expect(times).toHaveLength(1);
    loop.drain();
    expect(times[0]?.ends.signal.aborted).toBe(true);
    await deliver();
    expect(states).toEqual(['draining']);
    times[0]?.resolve();
    await letOthersRun();
    expect(states).toEqual(['draining', 'drained']);
    loop.resume();
    expect(times).toHaveLength(2);
    expect(times[1]?.ends.signal.aborted).toBe(false);
  });

  test('that was not released when a resume came still counts at the next drain', async () => {
    const { loop, times, deliver } = startWithJobs();
    loop.drain();
    loop.resume();
    await letOthersRun();
    loop.drain();
    await deliver();
    times[1]?.resolve();
    await letOthersRun();
    expect(loop.state).toBe('draining');
    times[0]?.resolve();
    await letOthersRun();
    expect(loop.state).toBe('drained');
  });

  test('is told of the drain deadline', async () => {
    const { loop, times, deliver, clock } = startWithJobs();
    loop.drain();
    await deliver();
    expect(times[0]?.ends.deadline.aborted).toBe(false);
    await clock.advance(60_000);
    expect(times[0]?.ends.deadline.aborted).toBe(true);
    expect(loop.state).toBe('draining');
  });

  test('does not begin on a worker that is to be drained when it starts', async () => {
    const times: BatchEnds[] = [];
    const activity = new Activity(new FakeClock(), 1);
    const loop = new WorkLoop({
      queue: { receive: () => new Promise(() => {}), retryIn: () => Promise.resolve('done') },
      handle: () => Promise.resolve('completed'),
      workOnJobs: (ends) => {
        times.push(ends);
        return new Promise(() => {});
      },
      slots: { room: 1 },
      activity,
      ...{ pollSeconds: 20, visibilityTimeoutSeconds: 30, drainTimeoutMs: 60_000 },
      onStateChange: () => undefined,
      ...{ clock: new FakeClock(), random: () => 1, log: silentLog },
    });
    loop.drain();
    void loop.run();
    await letOthersRun();
    expect(times).toHaveLength(0);
    loop.resume();
    await letOthersRun();
    expect(times).toHaveLength(1);
  });

  test('waits until the request queue is polled, and is not kept waiting by a drain', async () => {
    const { loop, times, deliver, finish } = startWithJobs();
    const polled = async () => {
      let isPolled = false;
      void times[0]?.ends.polled().then(() => (isPolled = true));
      await letOthersRun();
      return isPolled;
    };
    expect(await polled()).toBe(true);
    await deliver('a', 'b');
    expect(await polled()).toBe(false);
    const waiting = times[0]?.ends.polled();
    await finish('a');
    await waiting;
    await deliver('c');
    expect(await polled()).toBe(false);
    loop.drain();
    expect(await polled()).toBe(true);
  });
});

describe('a drain', () => {
  test('of an idle worker waits for the running poll to end', async () => {
    const { loop, states, polls, deliver } = startLoop();
    loop.drain();
    await letOthersRun();
    expect(states).toEqual(['draining']);
    await deliver();
    expect(states).toEqual(['draining', 'drained']);
    expect(polls).toHaveLength(1);
  });

  test('releases at once what the running poll brings', async () => {
    const { loop, states, inFlight, released, deliver } = startLoop();
    loop.drain();
    await deliver('a', 'b');
    expect(released).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    expect(inFlight.size).toBe(0);
    expect(states).toEqual(['draining', 'drained']);
  });

  test('ends when the last message is deleted', async () => {
    const { loop, states, deliver, reply, finish } = startLoop();
    await deliver('a');
    await reply('a');
    loop.drain();
    await deliver();
    expect(states).toEqual(['draining']);
    await finish('a');
    expect(states).toEqual(['draining', 'drained']);
  });

  test('finishes what is in flight', async () => {
    const { loop, states, inFlight, deliver, finish, clock } = startLoop();
    await deliver('a');
    loop.drain();
    await deliver();
    await clock.advance(59_999);
    expect(inFlight.get('a')?.signal.aborted).toBe(false);
    expect(states).toEqual(['draining']);
    await finish('a');
    expect(states).toEqual(['draining', 'drained']);
  });

  test('releases the rest when it times out', async () => {
    const { loop, states, inFlight, deliver, finish, clock } = startLoop();
    await deliver('a');
    loop.drain();
    await deliver();
    await clock.advance(60_000);
    expect(inFlight.get('a')?.signal.aborted).toBe(true);
    await finish('a', 'released');
    expect(states).toEqual(['draining', 'drained']);
  });

  test('is undone by a resume, also after the worker has drained', async () => {
    const { loop, states, polls, inFlight, deliver, finish, clock } = startLoop();
    await deliver('a');
    loop.drain();
    loop.resume();
    await clock.advance(120_000);
    expect(inFlight.get('a')?.signal.aborted).toBe(false);
    await deliver('b');
    expect([...inFlight.keys()]).toEqual(['a', 'b']);

    loop.drain();
    await clock.advance(60_000);
    await finish('a');
    await finish('b', 'released');
    expect(loop.state).toBe('drained');
    loop.resume();
    await letOthersRun();
    await deliver('c');
    expect(inFlight.get('c')?.signal.aborted).toBe(false);
    expect(states).toEqual(['draining', 'working', 'draining', 'drained', 'working']);
    expect(polls).toHaveLength(4);
  });

  test('that stops the worker ends the loop, and a resume does not restart it', async () => {
    const { loop, ended, inFlight, deliver, finish } = startLoop();
    await deliver('a');
    loop.stop();
    await deliver();
    loop.resume();
    expect(inFlight.size).toBe(1);
    expect(ended()).toBe(false);
    await finish('a');
    expect(ended()).toBe(true);
  });

  test('does not wait for the delay after a failed poll', async () => {
    const { loop, polls, ended } = startLoop();
    polls.at(-1)?.reject(new Error('ECONNREFUSED'));
    await letOthersRun();
    loop.stop();
    await letOthersRun();
    expect(ended()).toBe(true);
  });

  test('by an instruction ends the loop as soon as the worker is stopped', async () => {
    const { loop, ended, deliver } = startLoop();
    loop.drain();
    await deliver();
    expect(ended()).toBe(false);
    loop.stop();
    await letOthersRun();
    expect(ended()).toBe(true);
  });
});
