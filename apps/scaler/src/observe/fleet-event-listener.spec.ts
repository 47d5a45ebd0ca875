import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeSqs } from '@labelfleet/aws/testing';
import {
  encodeFleetEvent,
  encodeJobsChangedEvent,
  encodeRefusalEvent,
  type FleetEvent,
  type RefusalEvent,
} from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { listenForFleetEvents } from './fleet-event-listener.ts';
import { aHeartbeat } from '../testing/builders.ts';

/** Listens until so many bodies have been dealt with. */
async function listen(bodies: string[], failFirst?: string, idle = false) {
  const stopping = new AbortController();
  let toFail = failFirst;
  const sqs = fakeSqs({
    beforeCall(operation) {
      if (operation !== toFail) return;
      toFail = undefined;
      throw new AwsCallError(operation, { code: 'TimeoutError', message: 'no answer came' });
    },
  });
  const url = sqs.createQueue('fleet-events');
  const queue = sqs.queue(url);
  for (const body of bodies) await queue.send({ body });
  const events: FleetEvent[] = [];
  const refusals: RefusalEvent[] = [];
  const waitedMs: number[] = [];
  const received: string[] = [];
  const errors: unknown[] = [];
  const polls: number[] = [];
  let malformed = 0;
  let jobsChanged = 0;
  let acked = 0;
  await listenForFleetEvents(
    {
      queue: {
        receive(options, signal) {
          polls.push(options.waitSeconds);
          return queue.receive(options, signal);
        },
        async ack(receipt) {
          const outcome = await queue.ack(receipt);
          acked += 1;
          if (acked === bodies.length) stopping.abort(new Error('enough'));
          return outcome;
        },
      },
      idle: () => idle,
      onReceive: (how) => received.push(how),
      onHeartbeats: (received) => events.push(...received),
      onRefusal: (event) => refusals.push(event),
      onJobsChanged: () => void (jobsChanged += 1),
      onMalformed: () => void (malformed += 1),
      log: { warn: () => undefined, error: (fields: unknown) => void errors.push(fields) },
      clock: { sleep: async (ms) => void waitedMs.push(ms) },
      random: () => 1,
    },
    stopping.signal,
  );
  const left = sqs.bodies(url);
  return { polls, events, errors, refusals, jobsChanged, malformed, waitedMs, received, left };
}

describe('the listener for fleet events', () => {
  it.each([
    { idle: false, seconds: 5 },
    { idle: true, seconds: 20 },
  ])('polls for $seconds s where idle is $idle', async ({ idle, seconds }) => {
    const { polls } = await listen([encodeFleetEvent(aHeartbeat('i-1'))], undefined, idle);
    expect(polls[0]).toBe(seconds);
  });

  it('says that the jobs have changed', async () => {
    const event = { v: 1, type: 'jobs-changed', at: '2026-01-01T00:00:00Z' } as const;
    const { jobsChanged, events, left } = await listen([encodeJobsChangedEvent(event)]);
    expect({ jobsChanged, events, left }).toEqual({ jobsChanged: 1, events: [], left: [] });
  });

  it('passes every heartbeat on and deletes it, with more receives while the queue is not empty', async () => {
    // Ten in the first round and twenty in the second
    const heartbeats = Array.from({ length: 35 }, (_, index) => aHeartbeat(`i-${index}`));
    const { events, left, received } = await listen(heartbeats.map(encodeFleetEvent));
    expect(received).toEqual(['full', 'full', 'emptied']);
    expect(new Set(events.map(({ instanceId }) => instanceId)).size).toBe(35);
    expect(left).toEqual([]);
  });

  it('logs a worker that ended as unhealthy, and no other', async () => {
    const stopped = { ...aHeartbeat('i-1'), type: 'stopped' as const };
    const { errors } = await listen([
      encodeFleetEvent({ ...stopped, reason: 'SIGTERM' }),
      encodeFleetEvent({ ...stopped, reason: 'its attempts failed', unhealthy: true }),
    ]);
    expect(errors).toEqual([
      { event: 'worker.unhealthy', instanceId: 'i-1', reason: 'its attempts failed' },
    ]);
  });

  it('passes refused requests on', async () => {
    const refusal: RefusalEvent = {
      ...{ v: 1, type: 'refused', gatewayId: 'g', count: 3, retryAfterSeconds: 16 },
      at: '2026-01-01T00:00:00.000Z',
    };
    const { events, refusals, malformed, left } = await listen([
      encodeRefusalEvent(refusal),
      encodeFleetEvent(aHeartbeat('i-1')),
    ]);
    expect(refusals).toEqual([refusal]);
    expect({ events: events.length, malformed, left }).toEqual({
      ...{ events: 1, malformed: 0, left: [] },
    });
  });

  it('counts malformed events and deletes them', async () => {
    const { events, malformed, left } = await listen([
      'not JSON',
      '{"v":2}',
      encodeFleetEvent(aHeartbeat('i-1')),
    ]);
    expect(events).toHaveLength(1);
    expect(malformed).toBe(2);
    expect(left).toEqual([]);
  });

  it('backs off when it cannot receive, and continues', async () => {
    const { events, waitedMs, received } = await listen(
      [encodeFleetEvent(aHeartbeat('i-1'))],
      'ReceiveMessage',
    );
    expect(received).toEqual(['failed', 'emptied']);
    expect(waitedMs).toEqual([200]);
    expect(events).toHaveLength(1);
  });
});
