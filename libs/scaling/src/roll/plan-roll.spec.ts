import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { initialMemory } from '../decision-memory.ts';
import type { Decision } from '../decision.ts';
import type { FleetView, Worker } from '../observation.ts';
import { aWorker, NOTHING, NOW, observed, someSettings } from '../testing/builders.ts';

const { booting, busy, idle, draining, drained, suspected, leaving } = aWorker;
const from = (version: number, worker: Worker): Worker => ({
  ...worker,
  template: { id: 'lt-1', version: String(version) },
});
const old = (worker: Worker) => from(9, worker);
/** 10 is newer than 9, although its text is smaller. */
const current = (worker: Worker) => from(10, worker);
const withModel = (model: string, launchedAtMs: number, worker: Worker): Worker => ({
  ...current(worker),
  model,
  launchedAtMs,
});

interface Row {
  title: string;
  /** Under per-message, so many workers are wanted, up to `max`. */
  images: number;
  max?: number;
  workers: readonly Worker[];
  openLaunches?: number;
  launchLimit?: FleetView['launchLimit'];
  decision: Partial<Decision>;
  reason: RegExp;
}

const failing = { most: 0, failing: true, reason: 'the last boot failed' };

const rows: Row[] = [
  {
    title: 'nothing for workers of the newest version, of a later one, or of an unknown one',
    images: 3,
    workers: [current(busy('i-1')), from(11, busy('i-2')), busy('i-3')],
    decision: {},
    reason: /: nothing to do$/,
  },
  {
    title: 'one replacement, whatever the number of outdated workers',
    images: 3,
    workers: [old(busy('i-1')), old(busy('i-2')), old(busy('i-3'))],
    decision: { launch: 1 },
    reason: /1 to launch; 3 workers outdated: a replacement is due$/,
  },
  {
    title: 'no other while a launch is not listed yet',
    images: 1,
    workers: [old(busy('i-1'))],
    openLaunches: 1,
    decision: {},
    reason: /1 worker outdated: a replacement boots$/,
  },
  {
    title: 'a wait for the replacement that boots, which is not one too many',
    images: 2,
    workers: [old(busy('i-1')), old(busy('i-2')), current(booting('i-3'))],
    decision: {},
    reason: /nothing to do; 2 workers outdated: a replacement boots$/,
  },
  {
    title: 'a wait for a replacement of which this scaler has not heard',
    images: 2,
    workers: [old(busy('i-1')), old(busy('i-2')), { ...current(busy('i-3')), unheard: true }],
    decision: {},
    reason: /a replacement boots$/,
  },
  {
    title: 'the longest idle first when a replacement reports, and the next replacement',
    images: 2,
    workers: [old(busy('i-1')), old(idle('i-2', 0)), current(idle('i-3', 1))],
    decision: { drain: ['i-2'], launch: 1 },
    reason: /1 to launch, 1 to drain; 2 workers outdated: drain 1, its replacement is up$/,
  },
  {
    title: 'a busy one too, the oldest first; the last one needs no other replacement',
    images: 1,
    workers: [old(busy('i-1')), current(idle('i-3', 9))],
    decision: { drain: ['i-1'] },
    reason: /1 to drain; 1 worker outdated: drain 1, its replacement is up$/,
  },
  {
    title: 'a wait while another one drains',
    images: 1,
    workers: [old(draining('i-1')), old(busy('i-2')), current(busy('i-3'))],
    decision: {},
    reason: /2 workers outdated: 1 draining or drained$/,
  },
  {
    title: 'none drained while more images wait than workers are up',
    images: 5,
    workers: [old(busy('i-1')), current(busy('i-2'))],
    decision: { launch: 3 },
    reason: /3 to launch; 1 worker outdated: none needs/,
  },
  {
    title: 'nothing launched where no image waits: idle workers end anyway',
    images: 0,
    workers: [old(idle('i-1', 2)), old(idle('i-2', 3))],
    decision: {},
    reason: /2 workers outdated: none needs a replacement now$/,
  },
  {
    title: 'outdated ones released first, although others are idle for longer',
    images: 1,
    workers: [current(idle('i-1', 90)), current(idle('i-2', 80)), old(idle('i-3', 7))],
    decision: { drain: ['i-3', 'i-1'] },
    reason: /2 to drain; 1 worker outdated: drain 1, its replacement is up$/,
  },
  {
    title: 'one drained before its replacement at the maximum',
    images: 9,
    max: 3,
    workers: [old(busy('i-1')), old(busy('i-2')), current(busy('i-3'))],
    decision: { drain: ['i-1'] },
    reason: /2 workers outdated: drain 1 to make room for its replacement$/,
  },
  {
    title: 'no second one drained until the replacement is up, and the first not resumed',
    images: 9,
    max: 3,
    workers: [old(draining('i-1')), old(busy('i-2')), current(busy('i-3'))],
    decision: {},
    reason: /1 draining or drained$/,
  },
  {
    title: 'the replacement at the maximum launched as soon as there is room',
    images: 9,
    max: 3,
    workers: [old(busy('i-2')), current(busy('i-3'))],
    decision: { launch: 1 },
    reason: /1 to launch; 1 worker outdated/,
  },
  {
    title: 'none drained at the maximum while a worker boots, is suspected or leaves',
    images: 9,
    max: 4,
    workers: [old(busy('i-1')), current(booting('i-2')), suspected('i-3'), leaving('i-4')],
    decision: {},
    reason: /a replacement boots$/,
  },
  {
    title: 'none drained at the maximum while boots fail',
    images: 9,
    max: 2,
    workers: [old(busy('i-1')), old(busy('i-2'))],
    launchLimit: failing,
    decision: {},
    reason: /none is drained while boots fail$/,
  },
  {
    title: 'the drained one resumed at the maximum when boots fail',
    images: 9,
    max: 2,
    workers: [old(drained('i-1')), old(busy('i-2'))],
    launchLimit: failing,
    decision: { resume: ['i-1'] },
    reason: /1 to resume/,
  },
  {
    title: 'the only worker of a maximum of one kept while it is busy',
    images: 2,
    max: 1,
    workers: [old(busy('i-1'))],
    decision: {},
    reason: /1 worker outdated/,
  },
  {
    title: 'the only worker of a maximum of one drained when it is idle',
    images: 1,
    max: 1,
    workers: [old(idle('i-1', 1))],
    decision: { drain: ['i-1'] },
    reason: /drain 1 to make room/,
  },
  {
    title: 'a drained outdated worker resumed for images beyond the others, and not for the roll',
    images: 3,
    workers: [old(drained('i-1')), old(drained('i-2')), old(busy('i-3')), current(busy('i-4'))],
    decision: { resume: ['i-1'], terminate: ['i-2'] },
    reason: /1 to resume/,
  },
  {
    title: 'workers of another template replaced',
    images: 1,
    workers: [{ ...busy('i-1'), template: { id: 'lt-0', version: '99' } }],
    decision: { launch: 1 },
    reason: /a replacement is due$/,
  },
  {
    title: 'workers with an older model replaced',
    images: 2,
    workers: [withModel('a 1', 1, busy('i-1')), withModel('a 2', 2, busy('i-2'))],
    decision: { launch: 1 },
    reason: /1 worker outdated: a replacement is due$/,
  },
  {
    title: 'nothing where the fleet has several models at the same time',
    images: 3,
    workers: [
      withModel('a 2', 1, busy('i-1')),
      withModel('a 1', 2, busy('i-2')),
      withModel('a 2', 3, busy('i-3')),
    ],
    decision: {},
    reason: /: nothing to do$/,
  },
];

const decideRow = (
  { images, max = 20, workers, openLaunches = 0, launchLimit }: Row,
  on: boolean,
) => {
  const seen = observed(images, workers, openLaunches);
  const value = {
    ...(seen.fleet.kind === 'known' ? seen.fleet.value : { workers, openLaunches }),
    newestTemplate: { id: 'lt-1', version: '10' },
    ...(launchLimit && { launchLimit }),
  };
  const settings = someSettings({ maxWorkers: max, roll: on });
  return decide({ ...seen, fleet: { kind: 'known', value } }, initialMemory, settings, NOW);
};

describe('a roll has', () => {
  it.each(rows)('$title', (row) => {
    const { decision, reason } = decideRow(row, true);
    const desired = Math.min(row.images, row.max ?? 20);
    expect(decision).toEqual({ ...NOTHING, desired, ...row.decision });
    expect(reason).toMatch(row.reason);
  });

  it.each(rows)('no part in a decision when it is off: $title', (row) => {
    const plain = structuredClone(row.workers);
    for (const worker of plain) delete worker.template;
    const without = decideRow({ ...row, workers: plain }, false);
    expect(decideRow(row, false)).toEqual(without);
    expect(without.reason).not.toContain('outdated');
  });
});
