import { describe, expect, test } from 'vitest';
import { expectBoot, USUAL_BOOTS } from './boots.ts';
import { BOOTS_REMEMBERED, learnBoot, NOTHING_LEARNED } from './learned.ts';

const after = (...seconds: number[]) => expectBoot(seconds.reduce(learnBoot, NOTHING_LEARNED));

describe('a boot is expected to take', () => {
  test('what boots usually take, before the first one', () => {
    expect(after()).toEqual({ ...USUAL_BOOTS, overdue: 112.5, lost: 225 });
  });

  test('what the last ones took, the longest at least as much longer than the median as is usual', () => {
    expect(after(30, 28, 10)).toEqual({ p50: 28, p95: 50, overdue: 75, lost: 150 });
    expect(after(28, 28, 90)).toMatchObject({ p50: 28, p95: 90 });
  });

  test('no more than they took, once as many are known as are remembered', () => {
    const seconds = Array.from({ length: BOOTS_REMEMBERED }, (_, index) => 20 + index);
    expect(after(...seconds)).toEqual({ p50: 29, p95: 38, overdue: 57, lost: 114 });
  });

  test('10 s more than usual at least before it is overdue, and a minute before it is lost', () => {
    expect(after(1)).toMatchObject({ overdue: 11, lost: 60 });
  });
});
