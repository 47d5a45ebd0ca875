import { describe, expect, it } from 'vitest';
import { NOW } from '../../testing/builders.ts';
import {
  keptByHistory,
  keptLevels,
  learnedWait,
  needLevels,
  skipTime,
  type KeptUntil,
  type Level,
} from './levels.ts';
import { DEFAULT_TUNING } from './tuning.ts';

const later = (seconds: number) => NOW + 1000 * seconds;
const waits120: KeptUntil = ({ neededAtMs }) => neededAtMs + 120_000;
const kept = (level: Partial<Level>) => {
  const wholeLevel = { neededAtMs: NOW, steadyAtMs: null, idleGaps: [], ...level };
  return keptByHistory(wholeLevel, 126, DEFAULT_TUNING) - NOW;
};

/** Needs so many levels at so many seconds, one after the other. */
const through = (...steps: (readonly [seconds: number, needed: number, live: number])[]) =>
  steps.reduce<Level[]>(
    (levels, [seconds, needed, live]) =>
      needLevels(levels, { levels: needed, steady: 0 }, live, DEFAULT_TUNING, later(seconds)),
    [],
  );

describe('the levels of the fleet', () => {
  it.each([
    ['needed now', [[0, 3, 0]], 3],
    [
      'up to the highest needed 119 s ago',
      [
        [0, 3, 3],
        [1, 1, 3],
        [119, 0, 3],
      ],
      3,
    ],
    [
      'no longer when that was 120 s ago',
      [
        [0, 3, 3],
        [1, 1, 3],
        [120, 0, 3],
      ],
      1,
    ],
  ] as const)('are kept %s', (_, steps, levels) => {
    const now = later(steps.at(-1)?.[0] ?? 0);
    const needed = steps.at(-1)?.[1] ?? 0;
    expect(keptLevels(through(...steps), needed, waits120, now)).toBe(levels);
  });

  it('are kept while they are needed, even with no wait at all', () => {
    expect(keptLevels(through([0, 2, 5]), 2, ({ neededAtMs }) => neededAtMs, NOW)).toBe(2);
  });

  it('count as needed until now when they are seen for the first time', () => {
    expect(through([1, 0, 2])).toEqual(
      Array.from({ length: 2 }, () => ({
        neededAtMs: later(1),
        steadyAtMs: later(1),
        idleGaps: [],
      })),
    );
  });

  it('record which of them were for sustained arrivals', () => {
    const levels = needLevels([], { levels: 2, steady: 1 }, 0, DEFAULT_TUNING, NOW);
    expect(levels.map(({ steadyAtMs }) => steadyAtMs)).toEqual([NOW, null]);
  });

  it('do not age while nothing can be observed', () => {
    const [level] = skipTime(through([0, 1, 1]), 100_000);
    expect(level).toMatchObject({ neededAtMs: later(100), steadyAtMs: later(100) });
  });

  it('record the last 24 periods without need that a wait could have ended', () => {
    const levels = through([0, 2, 0], [61, 1, 2], [90, 2, 2], [94, 1, 2], [234, 2, 2]);
    // Level 1: 61 s, 29 s, 4 s, 140 s; level 2: 90 s and 144 s.
    expect(levels.map(({ idleGaps }) => idleGaps)).toEqual([
      [61, 29, 140],
      [90, 144],
    ]);
    const often = Array.from({ length: 30 }, (_, index) => [index * 100, 1, 1] as const);
    expect(through(...often)[0]?.idleGaps).toHaveLength(24);
  });
});

describe('a level is kept', () => {
  it.each<[string, Partial<Level>, number]>([
    ['for 4 s after a burst', {}, 4],
    ['for 60 s after sustained arrivals', { steadyAtMs: NOW }, 60],
    ['for 60 s after those, though a burst came later', { steadyAtMs: NOW - 50_000 }, 10],
    [
      'for 4 s after a burst, though there were such arrivals once',
      { steadyAtMs: NOW - 900_000 },
      4,
    ],
    ['for as long as its gaps teach', { steadyAtMs: NOW, idleGaps: [50] }, 60],
  ])('%s', (_, level, seconds) => {
    expect(kept(level)).toBe(1000 * seconds);
  });
});

describe('the wait of a level', () => {
  it.each<[string, number[], number]>([
    ['90 s: waiting 4 s pays 4 + 126, 30 s 156, 60 s 186, 120 s only the 90', [90], 120],
    ['200 s: 130, 156, 186, 246, 200, 200', [200], 4],
    ['128 s: 130, 156, 186, 246, 128, 128', [128], 300],
    ['an hour, again and again: as short as it can be', [3600, 3600], 4],
    [
      'ten minutes once and 50 s seven times: 8 x 130, 8 x 156, 186 + 7 x 50, 246 + 350, 426 + 350, 600 + 350',
      [600, 50, 50, 50, 50, 50, 50, 50],
      60,
    ],
  ])('%s', (_, gaps, wait) => {
    expect(learnedWait(gaps, 126, DEFAULT_TUNING)).toBe(wait);
  });
});
