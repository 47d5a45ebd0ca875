import { describe, expect, test } from 'vitest';
import { Linger } from './linger.ts';

describe('the linger', () => {
  function after(...waits: number[]) {
    let nowMs = 0;
    const linger = new Linger(() => nowMs);
    for (const wait of waits) {
      nowMs += 100;
      linger.observe(wait);
    }
    return { linger, later: (ms: number) => (nowMs += ms) };
  }
  const many = (wait: number) => Array.from({ length: 50 }, () => wait);

  test('is 0 for a lone request, however long it waited', () => {
    expect(after().linger.ms).toBe(0);
    expect(after(20_000).linger.ms).toBe(0);
  });

  test('is a quarter of the time that requests wait, and at most 50 ms', () => {
    expect(after(...many(80)).linger.ms).toBeCloseTo(20, 1);
    expect(after(...many(5_000)).linger.ms).toBe(50);
  });

  test('is 0 while requests hardly wait', () => {
    expect(after(...many(3)).linger.ms).toBe(0);
  });

  test('takes a wait that a clock measured as negative for none', () => {
    expect(after(...many(-500), ...many(80)).linger.ms).toBeCloseTo(20, 1);
  });

  test('falls when requests wait less, and is forgotten after a second without any', () => {
    const { linger, later } = after(...many(80), ...many(3));
    expect(linger.ms).toBe(0);
    const busy = after(...many(80));
    busy.later(1_001);
    expect(busy.linger.ms).toBe(0);
    expect(later(0)).toBeGreaterThan(0);
  });
});
