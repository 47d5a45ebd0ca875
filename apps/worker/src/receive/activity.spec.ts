import { describe, expect, test } from 'vitest';
import { Activity } from './activity.ts';

describe('what a worker with two slots reports', () => {
  /** Takes and leaves images at these seconds; `failed` leaves one that is not settled. */
  function after(
    ...steps: (readonly [second: number, what: 'take' | 'settle' | 'failed' | 'find-result'])[]
  ) {
    let nowMs = 0;
    const activity = new Activity({ monotonicMs: () => nowMs }, 2);
    for (const [second, what] of steps) {
      nowMs = second * 1000;
      if (what === 'take') activity.requestBegun();
      if (what === 'settle') activity.requestEnded('completed');
      if (what === 'failed') activity.requestEnded('not-completed');
    }
    return activity.report();
  }

  test('is how long it was busy, and how long with both', () => {
    const steps = [
      [1, 'take'],
      [2, 'take'],
      [4, 'settle'],
      [5, 'take'],
      [8, 'failed'],
      [9, 'settle'],
      [20, 'find-result'],
    ] as const;
    expect(after(...steps)).toMatchObject({
      busySlots: 0,
      imagesCompleted: 2,
      busySeconds: 8,
      // From 2 to 4 and from 5 to 8; one settled at the end of the first.
      fullSeconds: 5,
      completedWhileFull: 1,
    });
  });

  test('includes the time that has not ended yet', () => {
    expect(after([1, 'take'], [2, 'take'], [9, 'find-result'])).toMatchObject({
      busySlots: 2,
      busySeconds: 8,
      fullSeconds: 7,
    });
  });
});
