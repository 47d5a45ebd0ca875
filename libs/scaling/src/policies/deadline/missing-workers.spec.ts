import { describe, expect, it } from 'vitest';
import { learnBoot, learnService, NOTHING_LEARNED } from '../../learned.ts';
import type { FleetView, Worker } from '../../observation.ts';
import { aWorker, NOW, someWork } from '../../testing/builders.ts';
import { expectTimes } from './expect-times.ts';
import { missingWorkers } from './missing-workers.ts';
import { supplyOf } from './supply.ts';
import { DEFAULT_TUNING } from './tuning.ts';

const { booting, busy, idle, draining, drained, drainingBoot, leaving } = aWorker;

// 0.25 s an image, 40 s a boot: H = 40 + 15 = 55 s, in which a worker settles 220, and one launched now 60.
const learned = learnBoot(learnService(NOTHING_LEARNED, someWork(4, 1)), 40);
const times = expectTimes(learned, 10, DEFAULT_TUNING);
const supply = (workers: Worker[], overrides: Partial<FleetView> = {}) =>
  supplyOf({ workers, openLaunches: 0, ...overrides }, times, DEFAULT_TUNING, NOW);

describe('the times expected', () => {
  it('are priors until the first sample', () => {
    expect(expectTimes(NOTHING_LEARNED, 10, DEFAULT_TUNING)).toEqual({
      service: 0.25,
      target: 10,
      bootP50: 42,
      bootP95: 75,
      horizon: 57,
      keepWithin: 5,
      bootOverdue: 112.5,
    });
  });

  it('are measured from then on', () => {
    const taught = [30, 28, 10].reduce(learnBoot, learnService(NOTHING_LEARNED, someWork(1, 2)));
    expect(expectTimes(taught, 10, DEFAULT_TUNING)).toEqual({
      service: 2,
      target: 10,
      bootP50: 28,
      bootP95: 50,
      horizon: 43,
      keepWithin: 5,
      bootOverdue: 75,
    });
  });

  it('reach as far as the target wait, where that is longer than a boot', () => {
    expect(expectTimes(learned, 300, DEFAULT_TUNING).horizon).toBe(300);
  });
});

describe('the supply within 55 s', () => {
  it.each<[string, Worker[], number]>([
    ['no worker', [], 0],
    ['two that are up: 2 x 55 / 0.25', [busy('i-1'), idle('i-2', 9)], 440],
    ['a boot of 10 s, with 30 s to go: (55 - 30) / 0.25', [booting('i-1', 10)], 100],
    ['a boot of 45 s, longer than most: 5 s to go', [booting('i-1', 45)], 200],
    [
      'a boot of 108 s, more than 1.5 times as long as nearly all: overdue',
      [booting('i-1', 108)],
      0,
    ],
    ['draining, drained and leaving', [draining('i-1'), drained('i-2'), leaving('i-3')], 0],
    ['a boot that drains', [drainingBoot('i-1')], 0],
  ])('%s', (_, workers, images) => {
    expect(supply(workers).images).toBe(images);
  });

  it('counts launches that cannot be seen yet as boots from now', () => {
    expect(supply([], { openLaunches: 2 })).toMatchObject({ live: 2, images: 120 });
  });
});

interface Row {
  title: string;
  workers?: Worker[];
  work: number;
  need?: number;
  missing: number;
}

const rows: Row[] = [
  { title: 'nothing to do', work: 0, missing: 0 },
  { title: 'one image and no live worker: one', work: 1, missing: 1 },
  { title: 'half an image is work too', work: 0.5, missing: 1 },
  { title: '61 images and no live worker: ceil(61 / 60)', work: 61, missing: 2 },
  { title: 'one image and one that boots', workers: [booting('i-1')], work: 1, missing: 0 },
  { title: 'one image and one boot overdue', workers: [booting('i-1', 108)], work: 1, missing: 1 },
  { title: '220 images and one up', workers: [busy('i-1')], work: 220, missing: 0 },
  { title: '221 images and one up: ceil(1 / 60)', workers: [busy('i-1')], work: 221, missing: 1 },
  {
    title: 'expected arrivals count: ceil((400 - 220) / 60)',
    workers: [busy('i-1')],
    work: 100,
    need: 400,
    missing: 3,
  },
  {
    title: '440 + 60 images, two that can be resumed (220 each), then one launch',
    workers: [draining('i-1'), drained('i-2')],
    work: 500,
    missing: 3,
  },
  {
    title: '220 + 140 images: one that drains (220), a draining boot of 20 s (140), no launch',
    workers: [drainingBoot('i-1', 20), draining('i-2')],
    work: 360,
    missing: 2,
  },
  {
    title: 'one image more: one launch',
    workers: [drainingBoot('i-1', 20), draining('i-2')],
    work: 361,
    missing: 3,
  },
  {
    title: 'one resumed worker does the work of four launches',
    workers: [busy('i-1'), drained('i-2')],
    work: 440,
    missing: 1,
  },
];

describe('workers missing', () => {
  it.each(rows)('$title', ({ workers = [], work, need = work, missing }) => {
    expect(missingWorkers(work, need, supply(workers), times)).toBe(missing);
  });
});
