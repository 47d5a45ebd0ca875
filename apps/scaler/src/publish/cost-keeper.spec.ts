import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeCloud } from '../testing/fake-cloud.ts';
import { createTestScaler } from '../testing/test-scaler.ts';

const oneWorker = { settings: { maxWorkers: 1 }, places: { instanceTypes: ['c7g.large'] } };

describe('the cost in the snapshot', () => {
  it('grows with the time of the workers and with the images, without more puts', async () => {
    const scaler = createTestScaler(oneWorker);
    scaler.images(1);
    await scaler.tick();
    await scaler.tick();
    const [id = ''] = scaler.alive();
    scaler.report(id, { busySlots: 1, idleSeconds: 0, imagesCompleted: 10, busySeconds: 1 });
    await scaler.tick(98);
    const cost = (await scaler.snapshot())?.cost;
    expect(cost).toMatchObject({
      images: 10,
      perHourNow: 0.0725,
      workerHour: { low: 0.0725, high: 0.0725 },
    });
    expect(cost?.instanceSeconds).toBeGreaterThan(95);
    expect(await scaler.metrics.registry.metrics()).toContain(
      `labelfleet_cost_per_image_usd ${cost?.perImage}`,
    );
    let puts = 0;
    for (let tick = 0; tick < 8; tick += 1) {
      await scaler.tick();
      puts += scaler.calls.filter((call) => call.startsWith('PutObject fleet/snapshot')).length;
    }
    // Every 8 s, as when nothing changes
    expect(puts).toBe(2);
  });

  /** The cost of a fleet of m9g.large instances, for which the product knows no price. */
  async function costOfM9g(prices: readonly (readonly [string, number])[]) {
    const scaler = createTestScaler({ prices, places: { instanceTypes: ['m9g.large'] } });
    scaler.images(1);
    await scaler.tick();
    await scaler.tick();
    return (await scaler.snapshot())?.cost;
  }

  it('is null for an instance type without a price', async () => {
    expect(await costOfM9g([])).toMatchObject({
      total: null,
      parts: { instances: null, store: 0 },
    });
  });

  it('has no price of an hour for such a type', async () => {
    expect(await costOfM9g([])).not.toHaveProperty('workerHour');
  });

  it('uses a price set by the operator', async () => {
    expect((await costOfM9g([['m9g.large', 0.1]]))?.perHourNow).toBe(0.1);
  });

  it('does not replace a snapshot that cannot be read', async () => {
    const scaler = createTestScaler();
    scaler.breakCalls('GetObject fleet/snapshot.json');
    await scaler.tick();
    expect(scaler.calls.filter((call) => call.startsWith('PutObject fleet/snapshot'))).toEqual([]);
    scaler.mendCalls();
    await scaler.tick();
    expect(await scaler.snapshot()).toBeDefined();
  });
});

describe('another scaler', () => {
  const step = fc.record({
    seconds: fc.integer({ min: 1, max: 90 }),
    images: fc.integer({ min: 0, max: 5 }),
    takeover: fc.boolean(),
  });

  it('continues with the sums of the previous leader, whenever it takes over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const cloud = createFakeCloud();
        let scaler = createTestScaler({ ...oneWorker, cloud, name: 'first ' });
        cloud.images(1);
        await scaler.tick();
        await scaler.tick();
        const launchedAtMs = cloud.instance(cloud.alive()[0] ?? '').launchedAt.getTime();
        const since = (await scaler.snapshot())?.cost?.since;
        let imagesCompleted = 0;
        for (const [index, { seconds, images, takeover }] of steps.entries()) {
          if (takeover) {
            await scaler.lease.giveUp();
            scaler = createTestScaler({ ...oneWorker, cloud, name: `${index} ` });
            await scaler.tick();
          }
          imagesCompleted += images;
          scaler.report(cloud.alive()[0] ?? '', { busySlots: 1, idleSeconds: 0, imagesCompleted });
          await scaler.tick(seconds);
        }
        // The last tick is published, because it is 8 s after the one before.
        await scaler.tick(8);
        const cost = (await scaler.snapshot())?.cost;
        expect(cost).toMatchObject({ since, images: imagesCompleted });
        const lived = (cloud.clock.unixMs() - launchedAtMs) / 1000;
        expect(cost?.instanceSeconds).toBeCloseTo(Math.max(60, lived), 1);
        expect(cost?.parts.instances).toBeCloseTo((0.0725 * Math.max(60, lived)) / 3600, 7);
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});
