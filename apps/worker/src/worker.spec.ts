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
import { Activity } from './receive/activity.ts';
import { JobActivity } from './jobs/job-activity.ts';
import { Slots } from './receive/slots.ts';
import { aMessage, aRequest, silentLog } from './testing/builders.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { startWorker } from './worker.ts';

const drain = makeInstructionId(undefined, 1, 'a');
const resume = makeInstructionId(drain, 1, 'b');

interface StartOptions {
  /** The tags of the instance before the worker starts. */
  tags?: Record<string, string>;
  spotNotice?: { action: string; at: Date };
  /** Called before each read of the metadata; may throw or wait. */
  beforeCall?: CallHook;
  jobActivity?: JobActivity;
}

/** A worker whose queue has one message. The test says when it is handled. */
function start(
  { tags = {}, spotNotice, beforeCall, jobActivity }: StartOptions = {},
  clock = new FakeClock(),
) {
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
    modelSha256: 'c2bd',
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
    activity: new Activity(clock, 2),
    jobActivity,
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

/** A worker with that message in flight. */
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
      cause: 'SIGTERM',
      reason: 'SIGTERM',
      // The app calls `stop` at a signal; the worker detects the other reasons.
      trigger: ({ service }: BusyWorker) => void service.stop('SIGTERM'),
      withinMs: 0,
    },
    {
      cause: 'a Spot notice',
      reason: 'Spot notice: terminate at 2026-03-01T12:02:00.000Z',
      trigger: ({ metadata }: BusyWorker) =>
        metadata.setSpotInterruption({ action: 'terminate', at: new Date('2026-03-01T12:02:00Z') }),
      withinMs: 2_000,
    },
    {
      cause: 'unreadable tags',
      reason: 'the tags could not be read for 60 s',
      trigger: ({ imds }: BusyWorker) => void (imds.reachable = false),
      withinMs: 62_000,
    },
  ])(
    'because of $cause drains, sends `stopped` and ends',
    async ({ reason, trigger, withinMs }) => {
      const worker = await startBusyWorker();
      const { clock, events, image, ended, closed } = worker;
      trigger(worker);
      // The running poll takes up to 20 s more.
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
      const sent = events.length;
      await clock.advance(60_000);
      expect(events).toHaveLength(sent);
    },
  );

  test('because it is unhealthy says so in its `stopped` event and exits with 70', async () => {
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

  test('because it is idle and no scaler publishes a snapshot sends `stopped` and ends', async () => {
    const { clock, events, image, ended } = await startBusyWorker();
    image.resolve('completed');
    await clock.advance(880_000);
    expect(ended()).toBe(false);
    // The idle limit of 900 s, a check once a minute, and the running poll of 20 s.
    await clock.advance(100_000);
    expect(last(events)).toMatchObject({ type: 'stopped' });
    expect(ended()).toBe(true);
  });
});

test('a worker with a chunk in hand is not idle, though no scaler publishes a snapshot', async () => {
  const clock = new FakeClock();
  const jobActivity = new JobActivity(clock, 2);
  const chunk = jobActivity.begin('chunk');
  const { events, image, ended } = start({ jobActivity }, clock);
  image.resolve('completed');
  await clock.advance(2_000_000);
  expect(last(events)).toMatchObject({ type: 'heartbeat', jobs: { openChunks: 1 } });
  expect(ended()).toBe(false);
  chunk[Symbol.dispose]();
  // The idle limit of 900 s, a check once a minute, and the running poll of 20 s.
  await clock.advance(980_000);
  expect(last(events)).toMatchObject({
    type: 'stopped',
    reason: expect.stringContaining('idle') as string,
  });
  expect(ended()).toBe(true);
});

test('a worker follows drain and resume, and repeats the id of the instruction in its heartbeats', async () => {
  const { clock, events, image, metadata, ended } = await startBusyWorker();
  metadata.setTags({ [WORKER_TAGS.drain]: drain });
  await clock.advance(2_000);
  expect(last(events)).toMatchObject({ type: 'draining', instructionId: drain });
  image.resolve('completed');
  await clock.advance(18_000);
  expect(last(events)).toMatchObject({ type: 'drained', instructionId: drain, busySlots: 0 });
  const sent = events.length;
  await clock.advance(9_000);
  expect(events.slice(sent).map(({ type }) => type)).toEqual(['drained', 'drained', 'drained']);
  metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
  await clock.advance(2_000);
  expect(last(events)).toMatchObject({
    type: 'heartbeat',
    state: 'working',
    instructionId: resume,
  });
  expect(ended()).toBe(false);
});

describe('a worker that starts', () => {
  const spotNotice = { action: 'terminate', at: new Date('2026-03-01T12:02:00Z') };

  test('with a drain instruction receives nothing and is `drained` from its first heartbeat on', async () => {
    const { clock, events, receives, ended } = start({ tags: { [WORKER_TAGS.drain]: drain } });
    await clock.advance(9_000);
    expect(receives()).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['started', 'drained', 'drained', 'drained']);
    for (const event of events)
      expect(event).toMatchObject({ state: 'drained', instructionId: drain });
    expect(ended()).toBe(false);
  });

  test.each([
    { since: 'already', early: { [WORKER_TAGS.resume]: resume }, withinMs: 0 },
    { since: 'later', early: {}, withinMs: 2_000 },
  ])('with a drain instruction works when it is resumed $since', async ({ early, withinMs }) => {
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

  test('receives and sends nothing during its first read of the tags, and works when that fails', async () => {
    const firstRead = Promise.withResolvers<void>();
    const { clock, events, receives } = start({ beforeCall: () => firstRead.promise });
    await clock.advance(1_000);
    expect(receives()).toBe(0);
    expect(events).toEqual([]);
    firstRead.reject(new Error('connect ECONNREFUSED'));
    await clock.advance(0);
    expect(receives()).toBeGreaterThan(0);
    expect(events).toMatchObject([{ type: 'started', state: 'working' }]);
  });

  test('with a Spot notice receives nothing, sends `stopped` and ends', async () => {
    const { clock, events, receives, ended } = start({ spotNotice });
    await clock.advance(0);
    expect(receives()).toBe(0);
    expect(last(events)).toMatchObject({ type: 'stopped', state: 'drained' });
    expect(ended()).toBe(true);
  });

  test('and is stopped during its first read of the tags does not wait for it', async () => {
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
