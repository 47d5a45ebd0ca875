import { US_EAST_1_PRICES } from '@labelfleet/scaling';
import { describe, expect, it } from 'vitest';
import { count, openLedger, type CostLedger } from './cost-ledger.ts';
import { viewCost } from './cost-view.ts';
import { anInstance, aHeartbeat, NOW } from '../testing/builders.ts';

const rates = { prices: US_EAST_1_PRICES, fifo: false };
/** An hour of c7g.large and of an unknown type. */
const HOUR = 0.0725;
const later = (seconds: number) => NOW + seconds * 1000;

type Instance = ReturnType<typeof anInstance>;

const at = (nowMs: number, instances: Instance[], completed: Record<string, number> = {}) => ({
  seen: new Map(instances.map((instance) => [instance.instanceId, { instance, atMs: nowMs }])),
  heartbeats: new Map(
    Object.entries(completed).map(([id, imagesCompleted]) => [
      id,
      { event: aHeartbeat(id, { imagesCompleted }), receivedAtMs: nowMs },
    ]),
  ),
});

/** Counts at each of these times in turn. */
function run(
  ...steps: [seconds: number, instances: Instance[], completed?: Record<string, number>][]
) {
  let ledger: CostLedger = openLedger(NOW);
  for (const [seconds, instances, completed] of steps)
    ledger = count(ledger, at(later(seconds), instances, completed), rates, later(seconds));
  return ledger;
}

const fresh = (id: string, overrides: Partial<Instance> = {}) =>
  anInstance(id, { launchedAt: new Date(NOW), state: 'launching', ...overrides });

describe('the seconds of an instance', () => {
  const ended = fresh('i-1', { state: 'stopping' });
  const old = anInstance('i-1', { launchedAt: new Date(later(-100)) });

  it.each([
    { what: 'are 60 as soon as it is there', steps: [[2, [fresh('i-1')]]], seconds: 60 },
    {
      what: 'are 60, however often they are counted within the first 60 s',
      steps: [
        [2, [fresh('i-1')]],
        [30, [fresh('i-1')]],
        [60, [fresh('i-1')]],
      ],
      seconds: 60,
    },
    {
      what: 'are those since its launch after that',
      steps: [
        [2, [fresh('i-1')]],
        [90, [fresh('i-1')]],
      ],
      seconds: 90,
    },
    {
      what: 'end when it shuts down',
      steps: [
        [70, [fresh('i-1')]],
        [90, [ended]],
        [200, [ended]],
        [300, []],
      ],
      seconds: 70,
    },
    {
      what: 'end when it is gone',
      steps: [
        [70, [fresh('i-1')]],
        [300, []],
      ],
      seconds: 70,
    },
    { what: 'are 60 of one that was seen only at its end', steps: [[9, [ended]]], seconds: 60 },
    { what: 'before the counting are left out', steps: [[30, [old]]], seconds: 30 },
    {
      what: 'are those of all instances',
      steps: [
        [100, [fresh('i-1'), fresh('i-2'), fresh('i-3', { launchedAt: new Date(later(90)) })]],
      ],
      seconds: 100 + 100 + 60,
    },
  ] as { what: string; steps: Parameters<typeof run>; seconds: number }[])(
    '$what',
    ({ steps, seconds }) => {
      const { sums } = run(...steps);
      expect(sums.instanceSeconds).toBeCloseTo(seconds);
      expect(sums.instancesUsd).toBeCloseTo((seconds * HOUR) / 3600, 12);
      // A heartbeat every 3 s: sent, received and deleted
      expect(sums.queueUsd).toBeCloseTo(seconds * 0.4e-6, 12);
    },
  );
});

describe('the images of an instance', () => {
  const one = [fresh('i-1')];
  it.each([
    { what: 'are those that it reports', steps: [[9, one, { 'i-1': 5 }]], images: 5 },
    {
      what: 'are counted once',
      steps: [
        [9, one, { 'i-1': 5 }],
        [12, one, { 'i-1': 5 }],
        [15, one, { 'i-1': 8 }],
      ],
      images: 8,
    },
    {
      what: 'go on from 0 when its process has started again',
      steps: [
        [9, one, { 'i-1': 5 }],
        [12, one, { 'i-1': 2 }],
      ],
      images: 7,
    },
    {
      what: 'are counted when the report comes after its end',
      steps: [
        [9, one, { 'i-1': 5 }],
        [12, []],
        [15, [], { 'i-1': 6 }],
      ],
      images: 6,
    },
    {
      what: 'before the counting are left out',
      steps: [
        [9, [anInstance('i-1', { launchedAt: new Date(later(-100)) })], { 'i-1': 50 }],
        [12, [anInstance('i-1', { launchedAt: new Date(later(-100)) })], { 'i-1': 53 }],
      ],
      images: 3,
    },
  ] as { what: string; steps: Parameters<typeof run>; images: number }[])(
    '$what',
    ({ steps, images }) => {
      const { sums } = run(...steps);
      expect(sums.images).toBe(images);
      // Two PUT and a GET each
      expect(sums.storeUsd).toBeCloseTo(images * 1.04e-5, 12);
    },
  );
});

describe('the cost as it is published', () => {
  const view = (ledger: CostLedger, instances: Instance[]) =>
    viewCost(ledger, at(NOW, instances).seen, US_EAST_1_PRICES);

  it('of an image includes all that the fleet cost meanwhile', () => {
    const instances = [fresh('i-1')];
    const ledger = run([100, instances, { 'i-1': 200 }]);
    // 100 s of 0.0725 an hour; heartbeats for 100 s and 6 calls for 200 images at 0.40 a million; S3
    const parts = { instances: 0.002013889, queue: 0.00052, store: 0.00208 };
    expect(view(ledger, instances)).toEqual({
      currency: 'USD',
      perHourNow: 0.0725,
      perImage: 0.000023069,
      spotAtMost: false,
      since: new Date(NOW).toISOString(),
      images: 200,
      instanceSeconds: 100,
      total: 0.004613889,
      parts,
      lastHour: {
        since: new Date(NOW).toISOString(),
        images: 200,
        instanceSeconds: 100,
        total: 0.004613889,
        parts,
      },
    });
  });

  it('of an image is null without an image', () => {
    expect(view(run([100, [fresh('i-1')]]), [fresh('i-1')]).perImage).toBeNull();
  });

  it('of images of jobs has a GET each, and a share of the calls of chunk and page', () => {
    const instances = [fresh('i-1')];
    const withJobs = (images: number) => {
      const jobs = { openChunks: 1, images, classifySeconds: 1, processes: 2 };
      const event = aHeartbeat('i-1', { imagesCompleted: 2, jobs });
      return {
        ...at(later(60), instances),
        heartbeats: new Map([['i-1', { event, receivedAtMs: NOW }]]),
      };
    };
    let ledger = count(openLedger(NOW), withJobs(1000), rates, later(60));
    ledger = count(ledger, withJobs(100_000), rates, later(60));
    const cost = view(ledger, instances);
    expect(cost.images).toBe(100_002);
    // GETs: 100,000, and at most 5 a chunk and 4 a page. PUTs: 2 a chunk and 7 a page.
    const gets = ((100_000 + 5000 + 400) * 0.0004) / 1000;
    const puts = ((2000 + 700) * 0.005) / 1000;
    expect(cost.parts.store).toBeCloseTo(gets + puts + 2 * 1.04e-5, 6);
  });

  it('of an image is taken from the last hour', () => {
    const instances = [fresh('i-1')];
    const ledger = run(
      [10, instances, { 'i-1': 10 }],
      [1000, instances, { 'i-1': 500 }],
      [4600, instances, { 'i-1': 600 }],
    );
    const cost = view(ledger, instances);
    expect(cost.images).toBe(600);
    expect(cost.lastHour).toMatchObject({
      since: new Date(later(1000)).toISOString(),
      images: 100,
      instanceSeconds: 3600,
    });
  });

  it('keeps few samples, however often it counts', () => {
    let ledger = openLedger(NOW);
    for (let seconds = 0; seconds < 8000; seconds += 2)
      ledger = count(ledger, at(later(seconds), []), rates, later(seconds));
    expect(ledger.samples.length).toBeLessThanOrEqual(362);
  });

  it.each([
    { machine: { instanceType: 'c7g.large' }, price: { perHourNow: 0.0725, spotAtMost: false } },
    {
      machine: { instanceType: 'c7g.large', market: 'spot' as const },
      price: { perHourNow: 0.0725, spotAtMost: true },
    },
    { machine: { instanceType: 'm9g.large' }, price: { perHourNow: null, total: null } },
  ])('of $machine is $price', ({ machine, price }) => {
    const instances = [fresh('i-1', machine)];
    const cost = view(run([100, instances, { 'i-1': 1 }]), instances);
    expect(cost).toMatchObject(price);
    expect(cost.parts.store).toBeCloseTo(1.04e-5);
  });

  it('of the last hour is known again an hour after the last machine without a price', () => {
    const ledger = run([60, [fresh('i-1', { instanceType: 'm9g.large' })]], [70, []], [3700, []]);
    expect(view(ledger, [])).toMatchObject({ total: null, lastHour: { total: 0 } });
  });
});
