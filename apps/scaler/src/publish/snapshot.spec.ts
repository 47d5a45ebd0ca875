import { FLEET_SNAPSHOT_KEY } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { createTestScaler } from '../testing/test-scaler.ts';

const PUT_SNAPSHOT = `PutObject ${FLEET_SNAPSHOT_KEY}`;
const puts = (calls: readonly string[]) => calls.filter((call) => call === PUT_SNAPSHOT);

describe('the fleet snapshot', () => {
  it('contains every worker, the queue, the decision and its reason', async () => {
    const scaler = createTestScaler();
    scaler.images(4);
    await scaler.tick();
    await scaler.tick();
    const [one = '', two = '', three = '', four = ''] = scaler.alive();
    scaler.report(one, {
      ...{ busySlots: 1, idleSeconds: 0, imagesCompleted: 8, busySeconds: 2 },
      modelSha256: 'new',
    });
    scaler.report(two, { idleSeconds: 9, modelSha256: 'new' });
    scaler.report(three, { state: 'draining', modelSha256: 'earlier' });
    scaler.images(1, 2);
    await scaler.tick();
    const snapshot = await scaler.snapshot();
    expect(snapshot).toMatchObject({
      policy: 'per-message',
      workers: { booting: 1, idle: 1, busy: 1, draining: 1 },
      limits: { min: 0, max: 5 },
      queue: { backlog: 1, inFlight: 2, delayed: 0 },
      decision: {
        desired: 3,
        launched: 0,
        drained: 0,
        reason: '3 images at one each want 3 workers; 3 live: nothing to do',
      },
      // Two are up: (1 + 2/2) images at 2 s / 8 each, by two, and 2/8 s for itself
      estimatedWaitSeconds: 0.5,
      learned: { serviceSeconds: 0.25, bootSecondsP50: null, bootSecondsP95: null },
      models: ['earlier', 'new'],
      instances: [
        { id: one, state: 'busy', completed: 8 },
        { id: two, state: 'idle', completed: 0 },
        { id: three, state: 'draining', completed: 0 },
        { id: four, state: 'booting', completed: 0 },
      ],
    });
    expect(snapshot?.history.map(({ workers }) => workers)).toEqual([0, 4, 3]);
    scaler.report(one, { busySlots: 1, idleSeconds: 0, imagesCompleted: 11, busySeconds: 3 });
    await scaler.tick();
    // What a worker completed before its first heartbeat does not count.
    const history = (await scaler.snapshot())?.history;
    expect(history?.map(({ completed }) => completed)).toEqual([0, 0, 0, 3]);
  });

  it('says since when an instance has been in its state', async () => {
    const scaler = createTestScaler();
    scaler.images(1);
    await scaler.tick();
    await scaler.tick();
    const booting = (await scaler.snapshot())?.instances[0]?.since;
    await scaler.tick(30);
    expect((await scaler.snapshot())?.instances[0]?.since).toBe(booting);
    scaler.report(scaler.alive()[0] ?? '', { busySlots: 1, idleSeconds: 0 });
    await scaler.tick();
    const snapshot = await scaler.snapshot();
    expect(snapshot?.instances[0]).toMatchObject({ state: 'busy', since: snapshot?.at });
  });

  it('says when a booting instance was launched and is expected to be ready', async () => {
    const scaler = createTestScaler();
    scaler.images(1);
    await scaler.tick();
    await scaler.tick();
    const [first = ''] = scaler.alive();
    const unmeasured = (await scaler.snapshot())?.instances[0];
    expect(unmeasured).not.toHaveProperty('expectedReadyAt');
    const launchedMs = Date.parse(unmeasured?.launchedAt ?? '');
    scaler.report(first, {
      ...{ type: 'started', busySlots: 1, idleSeconds: 0 },
      startedAt: new Date(launchedMs + 40_000).toISOString(),
    });
    scaler.images(2);
    await scaler.tick();
    await scaler.tick();
    const snapshot = await scaler.snapshot();
    expect(snapshot?.learned).toMatchObject({ bootSecondsP50: 40, bootSecondsP95: 71.429 });
    const [up, second] = snapshot?.instances ?? [];
    expect(up).not.toHaveProperty('launchedAt');
    const readyInMs =
      Date.parse(second?.expectedReadyAt ?? '') - Date.parse(second?.launchedAt ?? '');
    expect(readyInMs).toBe(40_000);
  });

  it('counts launches that are not visible yet as booting', async () => {
    const scaler = createTestScaler();
    scaler.hideInstances();
    scaler.images(2);
    await scaler.tick();
    await scaler.tick();
    expect(await scaler.snapshot()).toMatchObject({ workers: { booting: 2 }, instances: [] });
  });

  it('is published at every tick that changes it, and at least every 10 s', async () => {
    const scaler = createTestScaler({ settings: { minWorkers: 1 } });
    await scaler.tick();
    await scaler.tick();
    expect(puts(scaler.calls)).toHaveLength(1);
    for (const expected of [0, 0, 0, 1]) {
      await scaler.tick();
      expect(puts(scaler.calls)).toHaveLength(expected);
    }
    scaler.images(1);
    await scaler.tick();
    expect(puts(scaler.calls)).toHaveLength(1);
  });

  it('is published every 40 s at least while there is nothing to do', async () => {
    const scaler = createTestScaler();
    await scaler.tick();
    expect(puts(scaler.calls)).toHaveLength(1);
    for (const expected of [...Array<number>(18).fill(0), 1]) {
      await scaler.tick();
      expect(puts(scaler.calls)).toHaveLength(expected);
    }
  });

  it('is published by the next tick after a failure', async () => {
    const scaler = createTestScaler();
    scaler.breakCalls(PUT_SNAPSHOT);
    await scaler.tick();
    scaler.mendCalls();
    await scaler.tick();
    expect(await scaler.snapshot()).toBeDefined();
  });

  it('keeps the last five minutes, a sample every 2 s at most', async () => {
    const scaler = createTestScaler();
    for (let tick = 0; tick < 320; tick += 1) await scaler.tick(1);
    const history = (await scaler.snapshot())?.history ?? [];
    expect(history.length).toBe(150);
    const [first, second] = history.map(({ at }) => Date.parse(at));
    expect((second ?? 0) - (first ?? 0)).toBe(2000);
  });
});
