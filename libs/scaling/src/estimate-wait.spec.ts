import { describe, expect, it } from 'vitest';
import { estimateWaitSeconds } from './estimate-wait.ts';
import { learnBoot, learnService, NOTHING_LEARNED, type Learned } from './learned.ts';
import type { Worker } from './observation.ts';
import { aWorker, NOW, someWork } from './testing/builders.ts';

const { booting, busy, idle, draining, suspected } = aWorker;
// 0.5 s an image, 40 s a boot
const learned = learnBoot(learnService(NOTHING_LEARNED, someWork(10, 5)), 40);
const unmeasuredBoots = learnService(NOTHING_LEARNED, someWork(10, 5));

interface Row {
  title: string;
  visible?: number;
  inFlight?: number;
  workers: Worker[];
  openLaunches?: number;
  desired?: number;
  learned?: Learned;
  seconds: number | null;
}

const rows: Row[] = [
  { title: 'nothing ahead, one idle: its own 0.5 s', workers: [idle('i-1', 9)], seconds: 0.5 },
  {
    title: 'one of two is suspected with 4 images in flight: (8 + 4) * 0.5 + 0.5',
    visible: 8,
    inFlight: 4,
    workers: [busy('i-1'), suspected('i-2', 4)],
    seconds: 6.5,
  },
  {
    title: 'two workers, 8 waiting and 4 in flight: (8 + 4/2) * 0.5 / 2 + 0.5',
    visible: 8,
    inFlight: 4,
    workers: [busy('i-1'), busy('i-2')],
    seconds: 3,
  },
  { title: 'no worker: a boot and 0.5 s', workers: [], seconds: 40.5 },
  {
    title: 'one boots since 30 s: 10 s are left of it',
    workers: [booting('i-1', 30)],
    desired: 1,
    seconds: 10.5,
  },
  {
    title: 'a boot longer than the usual 40 s is expected in 5 s',
    workers: [booting('i-1', 59)],
    desired: 1,
    seconds: 5.5,
  },
  {
    title:
      'a boot of 1.5 times the 71 s that few exceed is not counted on: another takes its place',
    workers: [booting('i-1', 108)],
    desired: 1,
    seconds: 40.5,
  },
  {
    title: 'a second one joins after 10 s: 15 s of work, 10 by the first, 5 by both',
    visible: 30,
    workers: [busy('i-1'), booting('i-2', 30)],
    desired: 2,
    seconds: 10 + 5 / 2 + 0.5,
  },
  {
    title: 'open launches and missing workers count from now: 40 s alone, then three',
    visible: 140,
    workers: [busy('i-1')],
    openLaunches: 1,
    desired: 3,
    seconds: 40 + 30 / 3 + 0.5,
  },
  {
    title: 'draining workers do not serve',
    workers: [draining('i-1'), idle('i-2', 1)],
    visible: 2,
    seconds: 1.5,
  },
  {
    title: 'no image was measured yet',
    workers: [idle('i-1', 9)],
    learned: NOTHING_LEARNED,
    seconds: null,
  },
  {
    title: 'no worker, and no boot was measured',
    workers: [],
    learned: unmeasuredBoots,
    seconds: null,
  },
  {
    title: 'without a measured boot only the worker that is up counts',
    visible: 10,
    workers: [busy('i-1'), booting('i-2')],
    learned: unmeasuredBoots,
    desired: 2,
    seconds: 5.5,
  },
];

describe('the wait of an image that arrives now', () => {
  it.each(rows)('$title', (row) => {
    const backlog = { visible: row.visible ?? 0, inFlight: row.inFlight ?? 0, delayed: 0 };
    const fleet = { workers: row.workers, openLaunches: row.openLaunches ?? 0 };
    const seconds = estimateWaitSeconds(
      backlog,
      fleet,
      row.desired ?? 0,
      row.learned ?? learned,
      NOW,
    );
    if (row.seconds === null) expect(seconds).toBeNull();
    else expect(seconds).toBeCloseTo(row.seconds);
  });
});
