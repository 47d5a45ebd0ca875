import type { OutgoingMessage } from '@labelfleet/aws/queue';
import { decodeFleetEvent, type FleetEvent } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { Heartbeats, type WorkerStatus } from './heartbeats.ts';
import { silentLog } from '../testing/builders.ts';
import { FakeClock, letOthersRun } from '../testing/fake-clock.ts';

function startHeartbeats() {
  const clock = new FakeClock();
  const sent: FleetEvent[] = [];
  const queue = { reachable: true };
  const status: WorkerStatus = {
    state: 'working',
    slots: 3,
    busySlots: 1,
    idleSeconds: 0,
    imagesCompleted: 7,
    busySeconds: 1.5,
    fullSeconds: 0.5,
    completedWhileFull: 3,
  };
  const end = new AbortController();
  const heartbeats = new Heartbeats({
    events: {
      send: ({ body }: OutgoingMessage) => {
        if (!queue.reachable) return Promise.reject(new Error('ECONNREFUSED'));
        const event = decodeFleetEvent(body);
        if (event.kind === 'malformed') throw new Error(event.reason);
        sent.push(event.value);
        return Promise.resolve('sent');
      },
    },
    instanceId: 'i-1',
    model: 'everyday-100/1',
    modelSha256: 'c2bd',
    status: () => status,
    clock,
    log: silentLog,
  });
  const running = heartbeats.run(end.signal);
  return { clock, sent, queue, status, end, heartbeats, running };
}
const types = (events: FleetEvent[]) => events.map(({ type }) => type);

describe('the heartbeats of a worker', () => {
  test('begin with `started` and follow every 3 s', async () => {
    const { clock, sent, status } = startHeartbeats();
    await clock.advance(6_000);
    const repeated = {
      v: 1,
      instanceId: 'i-1',
      startedAt: '2026-03-01T12:00:00.000Z',
      model: 'everyday-100/1',
      modelSha256: 'c2bd',
      ...status,
    };
    expect(sent).toEqual([
      { ...repeated, type: 'started', at: '2026-03-01T12:00:00.000Z' },
      { ...repeated, type: 'heartbeat', at: '2026-03-01T12:00:03.000Z' },
      { ...repeated, type: 'heartbeat', at: '2026-03-01T12:00:06.000Z' },
    ]);
  });

  test('are sent at once after a change, and repeat state and instruction until the end', async () => {
    const { clock, sent, status, heartbeats } = startHeartbeats();
    await clock.advance(1_000);
    Object.assign(status, { state: 'draining', instructionId: '1-a' });
    heartbeats.sendNow();
    await letOthersRun();
    Object.assign(status, { state: 'drained' });
    heartbeats.sendNow();
    await letOthersRun();
    expect(types(sent)).toEqual(['started', 'draining', 'drained']);
    await clock.advance(6_000);
    expect(types(sent.slice(3))).toEqual(['drained', 'drained']);
    expect(sent.at(-1)).toMatchObject({ state: 'drained', instructionId: '1-a' });
  });

  test('go on after one that was lost, and `started` is sent until one arrives', async () => {
    const { clock, sent, queue } = startHeartbeats();
    queue.reachable = false;
    await clock.advance(2_000);
    await clock.advance(4_000);
    queue.reachable = true;
    await clock.advance(3_000);
    expect(types(sent)).toEqual(['started', 'heartbeat']);
  });

  test('end with `stopped` and the reason', async () => {
    const { clock, sent, end, heartbeats, running } = startHeartbeats();
    await clock.advance(1_000);
    end.abort();
    await running;
    await heartbeats.stopped({ reason: 'SIGTERM' });
    await clock.advance(9_000);
    expect(types(sent)).toEqual(['started', 'stopped']);
    expect(sent.at(-1)).toMatchObject({ reason: 'SIGTERM', state: 'working' });
  });
});
