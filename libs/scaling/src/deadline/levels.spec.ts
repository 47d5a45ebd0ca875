import { describe, expect, it } from 'vitest';
import { NOW } from '../testing/builders.ts';
import {
  keptForSeconds,
  keptLevels,
  learnedWait,
  needLevels,
  NO_LEVELS,
  skipTime,
  type LevelMemory,
} from './levels.ts';
import { DEFAULT_TUNING } from './tuning.ts';

const later = (seconds: number) => NOW + 1000 * seconds;
const waits120 = () => 120;

/** Needs so many levels at so many seconds, one after the other. */
const through = (...steps: (readonly [seconds: number, needed: number, live: number])[]) =>
  steps.reduce<LevelMemory>(
    (levels, [seconds, needed, live]) =>
      needLevels(levels, needed, live, DEFAULT_TUNING, later(seconds)),
    NO_LEVELS,
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
    ['for 120 s when they are seen for the first time', [[1, 0, 2]], 2],
  ] as const)('are kept %s', (_, steps, kept) => {
    const levels = through(...steps);
    const now = later(steps.at(-1)?.[0] ?? 0);
    expect(keptLevels(levels, steps.at(-1)?.[1] ?? 0, waits120, now)).toBe(kept);
  });

  it('are kept while they are needed, even with no wait at all', () => {
    expect(keptLevels(through([0, 2, 5]), 2, () => 0, NOW)).toBe(2);
  });

  it('tell for how long they are kept from now on', () => {
    expect(keptForSeconds(through([0, 3, 3], [40, 1, 3]), 3, waits120, later(40))).toBe(80);
  });

  it('do not wait while nothing can be seen', () => {
    const levels = skipTime(through([0, 2, 2]), 100_000);
    expect(keptForSeconds(levels, 2, waits120, later(130))).toBe(90);
  });

  it('remember for how long each was not needed, the last eight times, if a wait could have ended it', () => {
    const { idleGaps } = through([0, 2, 0], [61, 1, 2], [90, 2, 2], [150, 1, 2], [240, 2, 2]);
    // Level 1: 61 s, 29 s, 60 s, 90 s; level 2: 90 s and 150 s.
    expect(idleGaps).toEqual([
      [61, 90],
      [90, 150],
    ]);
    const often = Array.from({ length: 20 }, (_, index) => [index * 100, 1, 1] as const);
    expect(through(...often).idleGaps[0]).toHaveLength(8);
  });
});

describe('the wait of a level', () => {
  it.each<[string, number[], number]>([
    ['no history: the first wait', [], 120],
    ['90 s: waiting 60 s pays 60 + 126, 120 s only the 90', [90], 120],
    ['200 s: 186, 246, 200, 200', [200], 60],
    ['180 s: 186, 246, 180, 180', [180], 300],
    ['an hour, again and again: as short as it can be', [3600, 3600], 60],
    [
      'ten minutes once and 90 s seven times: 8 x 186, 246 + 7 x 90, 426 + 630, 600 + 630',
      [600, 90, 90, 90, 90, 90, 90, 90],
      120,
    ],
  ])('%s', (_, gaps, wait) => {
    expect(learnedWait(gaps, 126, DEFAULT_TUNING)).toBe(wait);
  });

  it('stays the first one where it is not to learn', () => {
    expect(learnedWait([3600], 126, { ...DEFAULT_TUNING, learnIdleWaits: false })).toBe(120);
  });
});
