import type { ReceivedMessage } from '@labelfleet/aws/queue';
import { fakeInstanceMetadata, type CallHook } from '@labelfleet/aws/testing';
import {
  decodeFleetEvent,
  makeInstructionId,
  WORKER_TAGS,
  type FleetEvent,
} from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import type { Handled } from './request/handle-request.ts';
import { Slots } from './receive/slots.ts';
import { aMessage, aRequest, silentLog } from './testing/builders.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { startWorker } from './worker.ts';

const drain = makeInstructionId(undefined, 1, 'a');
const resume = makeInstructionId(drain, 1, 'b');

interface Start {
  /** By tag, before the worker comes up. */
  tags?: Record<string, string>;
  spotNotice?: { action: string; at: Date };
  /** Called before each reading of the metadata: it may throw, or wait. */
  beforeCall?: CallHook;
}

/** A worker on a queue that has one image, of which the test says when it is done. */
function start({ tags = {}, spotNotice, beforeCall }: Start = {}) {
  const clock = new FakeClock();
  const events: FleetEvent[] = [];
  const image = Promise.withResolvers<Handled>();
  const metadata = fakeInstanceMetadata({ tags, ...(beforeCall && { beforeCall }) });
  if (spotNotice) metadata.setSpotInterruption(spotNotice);
  let waiting: ReceivedMessage[] = [aMessage(aRequest())];
  let receives = 0;
  let closed = 0;
  const unhealthy = Promise.withResolvers<string>();
  const service = startWorker({
    instanceId: 'i-1',
    model: 'everyday-100/1',
    queue: {
      receive: async () => {
        receives++;
        const messages = waiting;
        waiting = [];
        if (messages.length === 0) await clock.sleep(20_000);
        return messages;
      },
      retryIn: () => Promise.resolve('done'),
    },
    events: {
      send: ({ body }) => {
        const event = decodeFleetEvent(body);
        if (event.kind === 'decoded') events.push(event.value);
        return Promise.resolve('sent');
      },
    },
    metadata,
    state: { get: () => Promise.resolve(null) },
    handle: () => image.promise,
    unhealthy: unhealthy.promise,
    slots: new Slots(2),
    pollSeconds: 20,
    visibilityTimeoutSeconds: 30,
    drainTimeoutMs: 60_000,
    idleShutdownMs: 900_000,
    clock,
    random: () => 1,
    log: silentLog,
    close: () => {
      closed++;
      return Promise.resolve();
    },
  });
  let ended = false;
  let exitCode: number | void;
  void service.ended?.then((code) => {
    ended = true;
    exitCode = code;
  });
  return {
    ...{ service, clock, events, image, metadata, unhealthy },
    receives: () => receives,
    ended: () => ended,
    exitCode: () => exitCode,
    closed: () => closed,
  };
}

/** A worker with that image in hand. */
async function startBusyWorker() {
  const imds = { reachable: true };
  const worker = start({
    beforeCall: () => {
      if (!imds.reachable) throw new Error('connect ECONNREFUSED');
    },
  });
  await worker.clock.advance(1_000);
  return { ...worker, imds };
}
type BusyWorker = Awaited<ReturnType<typeof startBusyWorker>>;
const last = (events: FleetEvent[]) => events.at(-1);

describe('a worker that has to stop', () => {
  test.each([
    {
      because: 'SIGTERM',
      reason: 'SIGTERM',
      // A signal is answered by `stop`; everything else the worker finds out by itself.
      come: ({ service }: BusyWorker) => void service.stop('SIGTERM'),
      withinMs: 0,
    },
    {
      because: 'a Spot notice',
      reason: 'Spot notice: terminate at 2026-03-01T12:02:00.000Z',
      come: ({ metadata }: BusyWorker) =>
        metadata.setSpotInterruption({ action: 'terminate', at: new Date('2026-03-01T12:02:00Z') }),
      withinMs: 2_000,
    },
    {
      because: 'unreadable tags',
      reason: 'the tags could not be read for 60 s',
      come: ({ imds }: BusyWorker) => void (imds.reachable = false),
      withinMs: 62_000,
    },
  ])('for $because drains, says `stopped` and ends', async ({ reason, come, withinMs }) => {
    const worker = await startBusyWorker();
    const { clock, events, image, ended, closed } = worker;
    come(worker);
    // The running poll, too, ends by itself.
    await clock.advance(withinMs + 20_000);
    expect(last(events)).toMatchObject({ type: 'draining', busySlots: 1 });
    expect(ended()).toBe(false);
    image.resolve('completed');
    await clock.advance(0);
    expect(last(events)).toMatchObject({
      type: 'stopped',
      reason,
      state: 'drained',
      imagesCompleted: 1,
    });
    expect(ended()).toBe(true);
    expect(closed()).toBe(1);
    const reports = events.length;
    await clock.advance(60_000);
    expect(events).toHaveLength(reports);
  });

  test('for its own failures says so in its last report and by its exit code', async () => {
    const { clock, events, image, unhealthy, ended, exitCode } = await startBusyWorker();
    unhealthy.resolve('the attempts at 5 requests in a row failed');
    await clock.advance(20_000);
    expect(last(events)).toMatchObject({ type: 'draining' });
    image.resolve('released');
    await clock.advance(0);
    expect(last(events)).toMatchObject({
      type: 'stopped',
      unhealthy: true,
      reason: 'the attempts at 5 requests in a row failed',
    });
    expect([ended(), exitCode()]).toEqual([true, 70]);
  });

  test('stops by itself when it has been idle and nobody publishes a snapshot', async () => {
    const { clock, events, image, ended } = await startBusyWorker();
    image.resolve('completed');
    await clock.advance(880_000);
    expect(ended()).toBe(false);
    // Idle for 900 s, looked at once a minute, and the running poll of 20 s.
    await clock.advance(100_000);
    expect(last(events)).toMatchObject({ type: 'stopped' });
    expect(ended()).toBe(true);
  });
});

test('a worker told to drain and to resume follows, and repeats the instruction’s id', async () => {
  const { clock, events, image, metadata, ended } = await startBusyWorker();
  metadata.setTags({ [WORKER_TAGS.drain]: drain });
  await clock.advance(2_000);
  expect(last(events)).toMatchObject({ type: 'draining', instructionId: drain });
  image.resolve('completed');
  await clock.advance(18_000);
  expect(last(events)).toMatchObject({ type: 'drained', instructionId: drain, busySlots: 0 });
  const reports = events.length;
  await clock.advance(9_000);
  expect(events.slice(reports).map(({ type }) => type)).toEqual(['drained', 'drained', 'drained']);
  metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
  await clock.advance(2_000);
  expect(last(events)).toMatchObject({
    type: 'heartbeat',
    state: 'working',
    instructionId: resume,
  });
  expect(ended()).toBe(false);
});

describe('a worker that comes up', () => {
  const spotNotice = { action: 'terminate', at: new Date('2026-03-01T12:02:00Z') };

  test('told to drain before, receives nothing and says `drained` from its first report on', async () => {
    const { clock, events, receives, ended } = start({ tags: { [WORKER_TAGS.drain]: drain } });
    await clock.advance(9_000);
    expect(receives()).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['started', 'drained', 'drained', 'drained']);
    for (const event of events)
      expect(event).toMatchObject({ state: 'drained', instructionId: drain });
    expect(ended()).toBe(false);
  });

  test.each([
    { since: 'before too', early: { [WORKER_TAGS.resume]: resume }, withinMs: 0 },
    { since: 'later', early: {}, withinMs: 2_000 },
  ])('told to drain before, and to resume $since, works', async ({ early, withinMs }) => {
    const { clock, events, metadata, receives } = start({
      tags: { [WORKER_TAGS.drain]: drain, ...early },
    });
    await clock.advance(0);
    metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
    await clock.advance(withinMs);
    expect(receives()).toBeGreaterThan(0);
    await clock.advance(3_000);
    expect(last(events)).toMatchObject({
      type: 'heartbeat',
      state: 'working',
      instructionId: resume,
      busySlots: 1,
    });
  });

  test('receives and reports nothing while its first reading runs, and works when that has failed', async () => {
    const firstReading = Promise.withResolvers<void>();
    const { clock, events, receives } = start({ beforeCall: () => firstReading.promise });
    await clock.advance(1_000);
    expect(receives()).toBe(0);
    expect(events).toEqual([]);
    firstReading.reject(new Error('connect ECONNREFUSED'));
    await clock.advance(0);
    expect(receives()).toBeGreaterThan(0);
    expect(events).toMatchObject([{ type: 'started', state: 'working' }]);
  });

  test('with a Spot notice, receives nothing, says `stopped` and ends', async () => {
    const { clock, events, receives, ended } = start({ spotNotice });
    await clock.advance(0);
    expect(receives()).toBe(0);
    expect(last(events)).toMatchObject({ type: 'stopped', state: 'drained' });
    expect(ended()).toBe(true);
  });

  test('and is stopped during its first reading, does not wait for that', async () => {
    const { service, clock, events, receives, ended } = start({
      beforeCall: () => Promise.withResolvers<void>().promise,
    });
    await clock.advance(0);
    void service.stop('SIGTERM');
    await clock.advance(0);
    expect(receives()).toBe(0);
    expect(last(events)).toMatchObject({ type: 'stopped', reason: 'SIGTERM' });
    expect(ended()).toBe(true);
  });
});
