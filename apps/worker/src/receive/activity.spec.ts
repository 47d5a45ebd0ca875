import { describe, expect, test } from 'vitest';
import { Activity } from './activity.ts';

describe('the activity of a worker with two slots', () => {
  /** Begins and ends requests at these seconds; a `failed` one is not completed. */
  function after(
    ...steps: (readonly [second: number, what: 'begin' | 'complete' | 'failed' | 'report'])[]
  ) {
    let nowMs = 0;
    const activity = new Activity({ monotonicMs: () => nowMs }, 2);
    for (const [second, what] of steps) {
      nowMs = second * 1000;
      if (what === 'begin') activity.requestBegun();
      if (what === 'complete') activity.requestEnded('completed');
      if (what === 'failed') activity.requestEnded('not-completed');
    }
    return activity.report();
  }

  test('counts the time with one slot in use, and with both', () => {
    const steps = [
      [1, 'begin'],
      [2, 'begin'],
      [4, 'complete'],
      [5, 'begin'],
      [8, 'failed'],
      [9, 'complete'],
      [20, 'report'],
    ] as const;
    expect(after(...steps)).toMatchObject({
      busySlots: 0,
      imagesCompleted: 2,
      busySeconds: 8,
      // From 2 to 4 and from 5 to 8; one request was completed at the end of the first.
      fullSeconds: 5,
      completedWhileFull: 1,
    });
  });

  test('includes time that has not ended yet', () => {
    expect(after([1, 'begin'], [2, 'begin'], [9, 'report'])).toMatchObject({
      busySlots: 2,
      busySeconds: 8,
      fullSeconds: 7,
    });
  });
});
