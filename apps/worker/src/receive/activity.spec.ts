import { describe, expect, test } from 'vitest';
import { Activity } from './activity.ts';

describe('the activity of a worker with two slots', () => {
  /** Begins and ends requests at these seconds; a `failed` one is not completed. */
  function after(
    ...steps: (readonly [second: number, what: 'begin' | 'complete' | 'failed' | 'report'])[]
  ) {
    let nowMs = 0;
    const begun: ReturnType<Activity['requestBegun']>[] = [];
    const activity = new Activity({ monotonicMs: () => nowMs }, 2);
    for (const [second, what] of steps) {
      nowMs = second * 1000;
      if (what === 'begin') begun.push(activity.requestBegun());
      if (what === 'complete') begun.pop()?.ended('completed');
      if (what === 'failed') begun.pop()?.ended('not-completed');
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

  test('reports requests that were received ahead as full slots', () => {
    const steps = [
      [1, 'begin'],
      [1, 'begin'],
      [1, 'begin'],
      [4, 'complete'],
      [6, 'complete'],
      [7, 'report'],
    ] as const;
    expect(after(...steps.slice(0, 3))).toMatchObject({ busySlots: 2 });
    expect(after(...steps)).toMatchObject({
      busySlots: 1,
      imagesCompleted: 2,
      fullSeconds: 5,
      completedWhileFull: 2,
    });
  });

  test('ends a request once', () => {
    const activity = new Activity({ monotonicMs: () => 0 }, 2);
    const request = activity.requestBegun();
    activity.requestBegun();
    request.ended('completed');
    request.ended('not-completed');
    expect(activity.report()).toMatchObject({ busySlots: 1, imagesCompleted: 1 });
  });

  test('includes time that has not ended yet', () => {
    expect(after([1, 'begin'], [2, 'begin'], [9, 'report'])).toMatchObject({
      busySlots: 2,
      busySeconds: 8,
      fullSeconds: 7,
    });
  });
});
