import { describe, expect, it } from 'vitest';
import { decide, type Decided } from '../../decide.ts';
import { initialMemory, type DecisionMemory } from '../../decision-memory.ts';
import type { Decision, ScalingSettings } from '../../decision.ts';
import { learnBoot, learnService, NOTHING_LEARNED } from '../../learned.ts';
import type { Worker } from '../../observation.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import {
  aWorker,
  many,
  NOTHING,
  NOW,
  observed,
  someSettings,
  someWork,
} from '../../testing/builders.ts';

const { booting, busy, idle, draining, drained, drainingBoot, suspected, leaving } = aWorker;

// 2.4 images a second and worker; a boot of 40 s: H = 55 s, in which a worker settles 132, a new one 36.
const learned = learnBoot(learnService(NOTHING_LEARNED, someWork(24, 10)), 40);

const minutesAgo = (minutes: number) => NOW - minutes * 60_000;
/** Levels last needed so many minutes ago, for arrivals that went on. */
const levels = (...minutes: number[]): DecisionMemory => ({
  ...initialMemory,
  levels: minutes.map(minutesAgo).map((ms) => ({ neededAtMs: ms, steadyAtMs: ms, idleGaps: [] })),
});
/** 9.6 images a second for more than a minute. */
const arriving: DecisionMemory = {
  ...initialMemory,
  samples: Array.from({ length: 40 }, (_, index) => {
    const second = NOW / 1000 - 78 + 2 * index;
    return [second, (index - 39) * 19.2, 1, 0] as const;
  }),
};

/** 2 images a second since 20 s ago, none before. */
const begun: DecisionMemory = {
  ...initialMemory,
  samples: Array.from({ length: 20 }, (_, index) => {
    const ago = 40 - 2 * index;
    const images = Math.max(0, 2 * (20 - ago));
    return [NOW / 1000 - ago, images, images, 0] as const;
  }),
};

interface Row {
  title: string;
  images: Parameters<typeof observed>[0];
  refused?: number;
  workers?: Worker[];
  openLaunches?: number;
  memory?: DecisionMemory;
  settings?: Partial<ScalingSettings>;
  decision: Partial<Decision>;
  reason: string;
}

const decideOn = ({ images, refused, workers, openLaunches, memory, settings }: Row): Decided =>
  decide(
    { ...observed(images, workers, openLaunches), learned, ...(refused && { refused }) },
    memory ?? initialMemory,
    someSettings({ policy: 'deadline', ...settings }),
    NOW,
  );

const rows: Row[] = [
  {
    title: 'nothing to do, no worker',
    images: 0,
    decision: { desired: 0 },
    reason: '0 waiting; no worker is up: launch 0',
  },
  {
    title: 'one image and no worker: one, at once',
    images: 1,
    decision: { desired: 1, launch: 1 },
    reason: '1 waiting; no worker is up: launch 1',
  },
  {
    title: 'a burst of 100: ceil(100 / 36)',
    images: 100,
    decision: { desired: 3, launch: 3 },
    reason: '100 waiting; no worker is up: launch 3',
  },
  {
    title: 'refused requests, and no worker: ceil((10 + 30) / 36)',
    images: 10,
    refused: 30,
    decision: { desired: 2, launch: 2 },
    reason: '10 waiting, 30 refused lately; no worker is up: launch 2',
  },
  {
    title: 'refused requests that the boot under way can do are no reason for another',
    images: 0,
    refused: 30,
    workers: [booting('i-1', 28)],
    decision: { desired: 1 },
    reason:
      '0 waiting, 30 refused lately; no worker is up; 1 boot due in 12 s covers the rest: launch 0',
  },
  {
    title: 'the only worker is suspected and holds the only image: it is replaced at once',
    images: { visible: 0, inFlight: 1 },
    workers: [suspected('i-1', 1)],
    decision: { desired: 1, launch: 1 },
    reason: '0 waiting, 1 in flight; no worker is up; 1 suspected, no capacity: launch 1',
  },
  {
    // Nothing is done of what it holds: 100 + 60 - 132 = 28 beyond, of which a new worker does 36.
    title: 'the images of a suspected worker are waiting work',
    images: { visible: 100, inFlight: 60 },
    workers: [busy('i-1'), suspected('i-2', 60)],
    decision: { desired: 2, launch: 1 },
    reason:
      '100 waiting, 60 in flight; 1 worker serves 2.4/s; 28 more than they can do in 55 s; 1 suspected, no capacity: launch 1',
  },
  {
    title: 'a suspected worker is not resumed, and not replaced if no worker is needed',
    images: 0,
    workers: [suspected('i-1', 0)],
    decision: { desired: 0 },
    reason: '0 waiting; no worker is up; 1 suspected, no capacity: launch 0',
  },
  {
    title: 'booting workers are enough: (55 - 12) * 2.4 = 103 for 1, and 528 by those that are up',
    images: 600,
    workers: [...many(4, busy), booting('i-7', 28)],
    decision: { desired: 5 },
    reason: '600 waiting; 4 workers serve 9.6/s; 1 boot due in 12 s covers the rest: launch 0',
  },
  {
    title: 'the workers that are up are enough',
    images: { visible: 22, inFlight: 8 },
    workers: [...many(4, busy), booting('i-7', 28), booting('i-8', 30)],
    decision: { desired: 6 },
    reason:
      '22 waiting, 8 in flight; 4 workers serve 9.6/s; 2 boots due in 12 s; 3 not needed now, kept for 60 s more: launch 0',
  },
  {
    title: 'neither is enough: ceil((400 - 132 - 103.2) / 36) = 5',
    images: 400,
    workers: [busy('i-1'), booting('i-2', 28)],
    decision: { desired: 7, launch: 5 },
    reason:
      '400 waiting; 1 worker serves 2.4/s; 1 boot due in 12 s; 160 more than they can do in 55 s: launch 5',
  },
  {
    title: 'no more than the maximum, counting the instances that are leaving',
    images: 2000,
    workers: [busy('i-1'), leaving('i-2')],
    settings: { maxWorkers: 4 },
    decision: { desired: 4, launch: 2 },
    reason:
      '2000 waiting; 1 worker serves 2.4/s; 1900 more than they can do in 55 s; 4 at most: launch 2, no room for 1',
  },
  {
    title: 'a drained worker is resumed instead of launching four',
    images: 250,
    workers: [busy('i-1'), drained('i-2')],
    decision: { desired: 2, resume: ['i-2'] },
    reason: '250 waiting; 1 worker serves 2.4/s; 120 more than they can do in 55 s: resume 1',
  },
  {
    title: 'a boot that is overdue is replaced when it is needed',
    images: 3,
    // 40 s a boot, so 71 s at most 19 times in 20, and half as long again
    workers: [booting('i-1', 108)],
    decision: { desired: 1, launch: 1 },
    reason: '3 waiting; no worker is up; 1 boot overdue: launch 1',
  },
  {
    title: 'a warm fleet',
    images: 0,
    workers: [idle('i-1', 900)],
    settings: { minWorkers: 2 },
    decision: { desired: 2, launch: 1 },
    reason: '0 waiting; 1 worker serves 2.4/s; 2 at least: launch 1',
  },
  {
    title: 'sustained arrivals keep ceil(4 + 0.2 * 2) workers, though these four could just do it',
    images: { visible: 0, inFlight: 0 },
    workers: many(4, busy),
    memory: arriving,
    decision: { desired: 5, launch: 1 },
    reason:
      '0 waiting, 9.6/s arriving; 4 workers serve 9.6/s; these arrivals need 5 workers: launch 1',
  },
  {
    title: 'not needed for a minute: released, the longest idle first',
    images: 0,
    workers: [idle('i-1', 30), idle('i-2', 90)],
    memory: levels(0.5, 1),
    decision: { desired: 1, drain: ['i-2'] },
    reason: '0 waiting; 2 workers serve 4.8/s; 1 not needed now, kept for 30 s more: drain 1',
  },
  {
    title: 'needed half a minute ago: kept, however long they have been idle',
    images: 0,
    workers: [idle('i-1', 300), idle('i-2', 300)],
    memory: levels(0.5, 0.5),
    decision: { desired: 2 },
    reason: '0 waiting; 2 workers serve 4.8/s; 2 not needed now, kept for 30 s more: launch 0',
  },
  {
    title: 'a busy and a long silent worker are not released, boots before those that are up',
    images: 0,
    workers: [
      busy('i-1'),
      booting('i-2', 20),
      booting('i-3', 9),
      idle('i-4', 30),
      idle('i-5', 300, 11),
    ],
    memory: levels(9, 9, 9, 9, 9),
    decision: { desired: 0, drain: ['i-3', 'i-2', 'i-4'] },
    reason:
      '0 waiting; 3 workers serve 7.2/s; 2 boots due in 31 s; 2 too many, but not idle in a recent heartbeat: drain 3',
  },
  {
    title: 'an overdue boot is no capacity, and is not drained instead of another',
    images: 0,
    workers: [booting('i-1', 108), idle('i-2', 20), idle('i-3', 30)],
    memory: levels(9, 9, 9),
    decision: { desired: 0, drain: ['i-3', 'i-2'] },
    reason: '0 waiting; 2 workers serve 4.8/s; 1 boot overdue: drain 2',
  },
  {
    title: 'drained workers stay until the end of the minute that EC2 bills at least',
    images: 0,
    workers: [
      { ...drained('i-1'), launchedAtMs: NOW - 59_000 },
      { ...drained('i-2'), launchedAtMs: NOW - 60_000 },
    ],
    decision: { desired: 0, terminate: ['i-2'] },
    reason: '0 waiting; no worker is up; 1 drained, already paid for: terminate 1',
  },
  {
    title: 'draining workers are explained, up or booting',
    images: 0,
    workers: [drainingBoot('i-1', 20), draining('i-2')],
    decision: { desired: 0 },
    reason: '0 waiting; no worker is up; 2 draining: launch 0',
  },
  {
    title: 'a draining boot is resumed before another is launched: 35 s of work in 55 s',
    images: 80,
    workers: [drainingBoot('i-1', 20)],
    decision: { desired: 1, resume: ['i-1'] },
    reason: '80 waiting; no worker is up: resume 1',
  },
  {
    title: 'arrivals of 20 s continue for as long: ceil((40 + 40) / 36)',
    images: 40,
    workers: [],
    memory: begun,
    decision: { desired: 3, launch: 3 },
    reason: '40 waiting, 2/s arriving; no worker is up: launch 3',
  },
  {
    title: 'a worker between two images is released if no worker has been idle for longer',
    images: { visible: 0, inFlight: 1 },
    workers: [busy('i-1'), idle('i-2', 0), idle('i-3', 0)],
    memory: levels(0, 0.5, 9),
    decision: { desired: 2, drain: ['i-2'] },
    reason:
      '0 waiting, 1 in flight; 3 workers serve 7.2/s; 1 not needed now, kept for 30 s more: drain 1',
  },
  {
    title: 'a configured idle time applies to every level, and is the only limit',
    images: 0,
    workers: [idle('i-1', 30), { ...drained('i-2'), launchedAtMs: NOW - 9000 }],
    memory: levels(1),
    settings: { idleBeforeReleaseSeconds: 5 },
    decision: { desired: 0, drain: ['i-1'], terminate: ['i-2'] },
    reason: '0 waiting; 1 worker serves 2.4/s: drain 1, terminate 1',
  },
  {
    title: 'the work of 5 s keeps its workers: ceil(25 / 12) = 3',
    images: { visible: 20, inFlight: 10 },
    workers: [...many(3, busy), idle('i-8', 3), idle('i-9', 2)],
    memory: levels(9, 9, 9, 9, 9),
    decision: { desired: 3, drain: ['i-8', 'i-9'] },
    reason: '20 waiting, 10 in flight; 5 workers serve 12/s: drain 2',
  },
];

describe('the policy `deadline`', () => {
  it.each(rows)('$title', (row) => {
    const { decision, reason } = decideOn(row);
    expect(decision).toEqual({ ...NOTHING, ...row.decision });
    expect(reason).toBe(row.reason);
  });

  it('releases workers with an older model first', () => {
    const of = (model: string, worker: Worker, ageSeconds: number): Worker => ({
      ...worker,
      model,
      launchedAtMs: NOW - 1000 * ageSeconds,
    });
    const { decision } = decideOn({
      title: '',
      images: 0,
      workers: [
        of('b', idle('i-1', 300), 900),
        of('a', idle('i-2', 9), 1000),
        of('a', idle('i-3', 20), 1000),
        of('b', busy('i-4'), 400),
      ],
      memory: levels(0.5, 9, 9, 9),
      decision: {},
      reason: '',
    });
    expect(decision.drain).toEqual(['i-3', 'i-2', 'i-1']);
  });

  it('does not count the time without observations', () => {
    const row = { title: '', images: 0, workers: [idle('i-1', 300)], decision: {}, reason: '' };
    const blindFor = (seconds: number) => ({
      ...levels(9),
      unseenSinceMs: NOW - 1000 * seconds,
    });
    expect(decideOn({ ...row, memory: blindFor(479) }).decision.drain).toEqual(['i-1']);
    expect(decideOn({ ...row, memory: blindFor(481) }).decision.drain).toEqual([]);
  });

  it('can be decided with another constant, to measure its effect', () => {
    const row: Row = {
      title: '',
      images: 0,
      workers: many(4, busy),
      memory: arriving,
      decision: {},
      reason: '',
    };
    const launchedWith = (tuning: Partial<Tuning>) =>
      decideOn({ ...row, settings: { tuning: { ...DEFAULT_TUNING, ...tuning } } }).decision.launch;
    expect(launchedWith({})).toBe(1);
    expect(launchedWith({ lateShare: 0 })).toBe(2);
    expect(launchedWith({ beta: 0 })).toBe(0);
  });
});
