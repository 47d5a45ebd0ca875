import type { OutgoingMessage } from '@labelfleet/aws/queue';
import { decodeFleetEvent, type FleetEvent } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { FleetReporter, type WorkerStatus } from './heartbeats.ts';
import { silentLog } from '../testing/builders.ts';
import { FakeClock, letOthersRun } from '../testing/fake-clock.ts';

function report() {
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
  const reporter = new FleetReporter({
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
    status: () => status,
    clock,
    log: silentLog,
  });
  const running = reporter.run(end.signal);
  return { clock, sent, queue, status, end, reporter, running };
}
const types = (events: FleetEvent[]) => events.map(({ type }) => type);

describe('the fleet reporter', () => {
  test('introduces the worker, then says every 3 s how it is', async () => {
    const { clock, sent } = report();
    await clock.advance(6_000);
    const whole = {
      v: 1,
      instanceId: 'i-1',
      startedAt: '2026-03-01T12:00:00.000Z',
      model: 'everyday-100/1',
      state: 'working',
      slots: 3,
      busySlots: 1,
      idleSeconds: 0,
      imagesCompleted: 7,
      busySeconds: 1.5,
      fullSeconds: 0.5,
      completedWhileFull: 3,
    };
    expect(sent).toEqual([
      { ...whole, type: 'started', at: '2026-03-01T12:00:00.000Z' },
      { ...whole, type: 'heartbeat', at: '2026-03-01T12:00:03.000Z' },
      { ...whole, type: 'heartbeat', at: '2026-03-01T12:00:06.000Z' },
    ]);
  });

  test('says a change at once, and repeats the state and instruction until the end', async () => {
    const { clock, sent, status, reporter } = report();
    await clock.advance(1_000);
    Object.assign(status, { state: 'draining', instructionId: '1-a' });
    reporter.sendNow();
    await letOthersRun();
    Object.assign(status, { state: 'drained' });
    reporter.sendNow();
    await letOthersRun();
    expect(types(sent)).toEqual(['started', 'draining', 'drained']);
    await clock.advance(6_000);
    expect(types(sent.slice(3))).toEqual(['drained', 'drained']);
    expect(sent.at(-1)).toMatchObject({ state: 'drained', instructionId: '1-a' });
  });

  test('makes a report that was lost good with the next, the introduction too', async () => {
    const { clock, sent, queue } = report();
    queue.reachable = false;
    await clock.advance(2_000);
    await clock.advance(4_000);
    queue.reachable = true;
    await clock.advance(3_000);
    expect(types(sent)).toEqual(['started', 'heartbeat']);
  });

  test('ends with the reason, after everything else', async () => {
    const { clock, sent, end, reporter, running } = report();
    await clock.advance(1_000);
    end.abort();
    await running;
    await reporter.stopped({ reason: 'SIGTERM' });
    await clock.advance(9_000);
    expect(types(sent)).toEqual(['started', 'stopped']);
    expect(sent.at(-1)).toMatchObject({ reason: 'SIGTERM', state: 'working' });
  });
});
