import { POLICY_NAMES, replayTick, type PolicyName } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import type { WorkerPlaces } from './launch-places.ts';
import { createFakeCloud, type FakeCloud } from '../testing/fake-cloud.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

type Scaler = ReturnType<typeof createTestScaler>;

const HOUR = 3600;
const EXIT_66 = {
  code: 'Client.InstanceInitiatedShutdown',
  message:
    'Client.InstanceInitiatedShutdown: Instance initiated shutdown (its process ended with exit code 66)',
};

/** Ends every instance so many seconds after its launch, and counts all there were. */
function deaths(cloud: FakeCloud, afterSeconds: number) {
  const bornAtMs = new Map<string, number>();
  return {
    launched: () => cloud.ec2.instances().length,
    strike: (scaler?: Scaler, says?: Parameters<Scaler['report']>[1]) => {
      for (const { instanceId: id, state } of cloud.ec2.instances()) {
        if (state === 'terminated') continue;
        const born = bornAtMs.get(id);
        if (born === undefined) {
          bornAtMs.set(id, cloud.clock.unixMs());
          if (says !== undefined) scaler?.report(id, says);
        }
        if (cloud.clock.unixMs() - (born ?? cloud.clock.unixMs()) >= 1000 * afterSeconds)
          cloud.ec2.setState(id, 'terminated', EXIT_66);
      }
    },
  };
}

const THREE_PLACES: Partial<WorkerPlaces> = { subnetIds: ['a', 'b', 'c'] };
const MANY_PLACES: Partial<WorkerPlaces> = {
  markets: ['spot', 'on-demand'],
  instanceTypes: ['c7g.large', 'c8g.large', 'c7i.large'],
  subnetIds: ['a', 'b', 'c'],
};

interface Case {
  policy: PolicyName;
  maxWorkers: number;
  images: number;
  diesAfterSeconds: number;
  places?: Partial<WorkerPlaces>;
}

/** 20 under way at most at first, then one at a time with pauses: 20 + 5 (10 min each) and 4 at fresh places. */
const MOST = 30;

const cases: Case[] = POLICY_NAMES.flatMap((policy) => [
  { policy, maxWorkers: 20, images: 1, diesAfterSeconds: 0 },
  { policy, maxWorkers: 20, images: 100, diesAfterSeconds: 40 },
  { policy, maxWorkers: 500, images: 5000, diesAfterSeconds: 0 },
  { policy, maxWorkers: 500, images: 5000, diesAfterSeconds: 150 },
  { policy, maxWorkers: 3, images: 50, diesAfterSeconds: 7, places: THREE_PLACES },
  { policy, maxWorkers: 100, images: 1000, diesAfterSeconds: 40, places: MANY_PLACES },
]);

describe('a fleet whose boots all fail', () => {
  it.each(cases)(
    'at most 30 are launched in the first hour: $policy, max $maxWorkers, $images images, dead after $diesAfterSeconds s',
    async ({ policy, maxWorkers, images, diesAfterSeconds, places = {} }) => {
      const cloud = createFakeCloud();
      const scaler = createTestScaler({ cloud, settings: { policy, maxWorkers }, places });
      scaler.images(images);
      const { launched, strike } = deaths(cloud, diesAfterSeconds);
      for (let second = 0; second < HOUR; second += 2) {
        await scaler.tick();
        strike();
      }
      expect(launched()).toBeGreaterThan(5);
      expect(launched()).toBeLessThanOrEqual(MOST);
    },
  );

  it.each(POLICY_NAMES)(
    'a worker that reports and then crashes has failed, too: %s',
    async (policy) => {
      const cloud = createFakeCloud();
      const scaler = createTestScaler({ cloud, settings: { policy } });
      scaler.images(40);
      const { launched, strike } = deaths(cloud, 6);
      for (let second = 0; second < HOUR; second += 2) {
        await scaler.tick();
        strike(scaler, { busySlots: 1, startedAt: new Date(cloud.clock.unixMs()).toISOString() });
      }
      expect(launched()).toBeGreaterThan(5);
      expect(launched()).toBeLessThanOrEqual(MOST);
    },
  );

  it.each([20, 64, 300])(
    'is limited by the same counts with a new scaler every %i s',
    async (everySeconds) => {
      const cloud = createFakeCloud();
      cloud.images(100);
      const { launched, strike } = deaths(cloud, 10);
      const startMs = cloud.clock.unixMs();
      for (let term = 0; cloud.clock.unixMs() - startMs < HOUR * 1000; term += 1) {
        const scaler = createTestScaler({ cloud, name: `${term} `, settings: { maxWorkers: 200 } });
        // The one before it was killed: its lease runs out.
        await scaler.standBy(11);
        for (let second = 0; second < everySeconds; second += 2) {
          await scaler.tick();
          strike();
        }
      }
      expect(launched()).toBeGreaterThan(5);
      expect(launched()).toBeLessThanOrEqual(MOST);
    },
  );
});

describe('a boot that fails', () => {
  /** A scaler for one image whose first boots have failed. */
  async function afterFailures(
    count: number,
    options: Parameters<typeof createTestScaler>[0] = {},
  ) {
    const scaler = createTestScaler(options);
    scaler.images(1);
    for (let failures = 0; failures < count;) {
      await scaler.tick();
      for (const id of scaler.alive()) {
        scaler.ec2.setState(id, 'terminated', EXIT_66);
        failures += 1;
      }
    }
    return scaler;
  }
  const launches = (calls: readonly string[]) => calls.filter((call) => /^Run/.test(call)).length;

  it('is replaced by the next tick if it is the only one', async () => {
    const scaler = await afterFailures(1);
    expect(launches(await scaler.tick())).toBe(1);
  });

  it.each([
    [2, 5],
    [3, 10],
    [4, 20],
    [8, 320],
    [9, 600],
    [12, 600],
  ])('after %i in a row is replaced %i s after it was seen', async (count, seconds) => {
    const scaler = await afterFailures(count);
    expect(launches(await scaler.tick(2))).toBe(0);
    expect(launches(await scaler.tick(seconds - 1))).toBe(0);
    expect(launches(await scaler.tick(1))).toBe(1);
  });

  it('is in the reason, the snapshot, the log and the metrics', async () => {
    const errors: unknown[] = [];
    const quiet = () => undefined;
    const scaler = await afterFailures(3, {
      tickLogger: {
        debug: quiet,
        info: quiet,
        warn: quiet,
        error: (line: unknown) => void errors.push(line),
      },
    });
    await scaler.tick();
    const at = new Date(scaler.clock.unixMs() + 10_000).toISOString();
    const snapshot = await scaler.snapshot();
    expect(snapshot?.decision.reason).toBe(
      `1 image at one each want 1 worker; 0 live: 1 to launch, but 0 now; the last 3 boots failed, the last one with ${EXIT_66.message}; the next launch is at ${at.slice(11, 19)} UTC at the earliest`,
    );
    expect(snapshot?.failedBoots).toEqual({
      count: 3,
      since: expect.any(String) as string,
      last: new Date(scaler.clock.unixMs()).toISOString(),
      cause: EXIT_66.code,
      message: EXIT_66.message,
      nextLaunchAt: at,
    });
    expect(errors).toHaveLength(3);
    expect(errors[2]).toMatchObject({
      event: 'boot.failed',
      cause: EXIT_66.code,
      detail: EXIT_66.message,
      place: { market: 'on-demand' },
      inARow: 3,
      nextLaunchAt: at,
    });
    expect(await scaler.metrics.registry.metrics()).toContain(
      `labelfleet_boots_failed_total{cause="${EXIT_66.code}"} 3`,
    );
    expect(replayTick(scaler.ticks.at(-1) ?? '')).toMatchObject({ value: { same: true } });
  });

  it.each([
    ['a request', { imagesCompleted: 1 }],
    [
      'an image of a job',
      { jobs: { openChunks: 1, images: 1, classifySeconds: 0.1, processes: 2 } },
    ],
  ])('no longer counts after a worker has completed %s', async (_case, report) => {
    const scaler = await afterFailures(9);
    await scaler.tick();
    await scaler.tick(600);
    await scaler.tick();
    const [id = ''] = scaler.alive();
    scaler.report(id, report);
    await scaler.tick();
    expect((await scaler.snapshot())?.failedBoots).toBeUndefined();
    scaler.images(6);
    expect(launches(await scaler.tick())).toBe(1);
    expect(scaler.alive()).toHaveLength(5);
  });

  it('no longer counts after a worker is up for 90 s without an image', async () => {
    const scaler = await afterFailures(5);
    await scaler.tick();
    await scaler.tick(600);
    await scaler.tick();
    const [id = ''] = scaler.alive();
    const startedAt = new Date(scaler.clock.unixMs()).toISOString();
    scaler.clock.pass(89_000);
    scaler.report(id, { startedAt });
    await scaler.tick(0);
    expect((await scaler.snapshot())?.failedBoots?.count).toBe(5);
    scaler.clock.pass(1000);
    scaler.report(id, { startedAt });
    await scaler.tick(0);
    expect((await scaler.snapshot())?.failedBoots).toBeUndefined();
  });

  it('does not count if the worker was drained before its first image', async () => {
    const scaler = createTestScaler();
    scaler.images(3);
    await scaler.tick();
    await scaler.tick();
    scaler.images(0);
    const ids = scaler.alive();
    for (const id of ids) scaler.report(id, { idleSeconds: 9 });
    await scaler.tick();
    for (const id of ids)
      scaler.report(id, { state: 'drained', instructionId: scaler.instructionOf(id)?.id ?? '' });
    await scaler.tick();
    for (const id of ids) scaler.ec2.setState(id, 'terminated', EXIT_66);
    await scaler.tick();
    expect(scaler.alive()).toEqual([]);
    expect(scaler.memory.read().boots).toMatchObject({ failed: [], open: {} });
  });

  it('makes the next launch use another place at once', async () => {
    const scaler = createTestScaler({ places: { subnetIds: ['broken', 'good'] } });
    scaler.images(5);
    await scaler.tick();
    await scaler.tick();
    for (const id of scaler.alive()) scaler.ec2.setState(id, 'terminated', EXIT_66);
    expect(launches(await scaler.tick())).toBe(1);
    const [id = ''] = scaler.alive();
    expect(scaler.instance(id).subnetId).toBe('good');
    scaler.report(id, { imagesCompleted: 1 });
    await scaler.tick();
    expect(scaler.alive().map((each) => scaler.instance(each).subnetId)).toEqual(
      Array.from({ length: 5 }, () => 'good'),
    );
  });

  it('no longer counts after a new version of the launch template', async () => {
    const scaler = await afterFailures(9);
    expect(launches(await scaler.tick())).toBe(0);
    scaler.ec2.createLaunchTemplate('worker');
    expect(launches(await scaler.tick())).toBe(1);
  });
});

describe('a fleet that grows', () => {
  it('has 20 boots under way at first, and more with every good boot', async () => {
    const scaler = createTestScaler({ settings: { maxWorkers: 200 } });
    scaler.images(200);
    await scaler.tick();
    await scaler.tick();
    expect(scaler.alive()).toHaveLength(20);
    expect((await scaler.snapshot())?.decision.reason).toContain(
      'but 0 now; 20 boots under way, not known to work yet',
    );
    for (const id of scaler.alive()) scaler.report(id, { imagesCompleted: 1 });
    // 20 came good, and 20 + 2 x 20 may be under way.
    await scaler.tick();
    expect(scaler.alive()).toHaveLength(80);
    await scaler.tick();
    for (const id of scaler.alive()) scaler.report(id, { imagesCompleted: 2 });
    await scaler.tick();
    expect(scaler.alive()).toHaveLength(200);
  });
});
