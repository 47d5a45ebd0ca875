import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArrivals, takeSample, type ArrivalSample } from './arrivals.ts';

interface Look {
  second: number;
  /** Images on the queue, visible or in flight. */
  queued: number;
  completed: number;
}

const look = (looks: readonly Look[]): ArrivalSample[] =>
  looks.reduce<ArrivalSample[]>(
    (samples, { second, queued, completed }) =>
      takeSample(
        samples,
        { visible: queued, inFlight: 0, delayed: 0 },
        completed,
        second * 1000 + 250,
      ),
    [],
  );

/** A tick every 2 s, from 1000 s on. */
const every2s = (seconds: number, at: (second: number) => Omit<Look, 'second'>): Look[] =>
  Array.from({ length: seconds / 2 + 1 }, (_, index) => ({
    second: 1000 + 2 * index,
    ...at(2 * index),
  }));

/** How many of these images are completed by then, at so many a second from 1000 s on. */
const completedAt = (perSecond: number, images: number) => (second: number) =>
  Math.max(0, Math.min(images, perSecond * second));

/** A burst: a tick at 998 s before it, then one every 2 s. */
const burst = (seconds: number, at: (second: number) => Omit<Look, 'second'>): ArrivalSample[] =>
  look([{ second: 998, queued: 0, completed: 0 }, ...every2s(seconds, at)]);

/** The second of the last heartbeat: one comes every 6 s. */
const heartbeatBefore = (second: number) => 6 * Math.floor(second / 6);

describe('the rate of arrivals', () => {
  it('is the number of arrivals by time', () => {
    // 4 a second for 80 s, of which the fleet completes 3.
    const samples = look(every2s(80, (second) => ({ queued: second, completed: 3 * second })));
    expect(readArrivals(samples)).toEqual({
      rate15: 4,
      rate60: 4,
      sustained: true,
      ahead: { seconds: Infinity, rate: 4 },
    });
  });

  it('covers only the observed time after a start', () => {
    const samples = look(every2s(20, (second) => ({ queued: 3 * second, completed: 0 })));
    expect(readArrivals(samples)).toEqual({
      rate15: 3,
      rate60: 3,
      sustained: false,
      ahead: { seconds: 18, rate: 3 },
    });
  });

  it('is zero at the first tick, because the first images have not just arrived', () => {
    const samples = look([{ second: 1000, queued: 500, completed: 0 }]);
    expect(readArrivals(samples)).toEqual({
      rate15: 0,
      rate60: 0,
      sustained: false,
      ahead: { seconds: 0, rate: 0 },
    });
  });

  it('is not changed by heartbeats that come up to 6 s after their images have left the queue', () => {
    // 90 images at 1000 s; ten a second leave the queue.
    const completedBy = completedAt(10, 90);
    const samples = burst(30, (second) => ({
      queued: 90 - completedBy(second),
      completed: completedBy(heartbeatBefore(second)),
    }));
    expect(readArrivals(samples).rate60 * 32).toBe(90);
    expect(readArrivals(samples).rate15).toBe(0);
  });

  it('is not changed by two workers that send heartbeats at different times during a burst', () => {
    // 100 images at 1000 s; each worker completes two every 2 s and sends a heartbeat every 6 s, one 2 s after the other.
    const completedBy = completedAt(1, 50);
    const samples = burst(60, (second) => ({
      queued: 100 - 2 * completedBy(second),
      completed: completedBy(heartbeatBefore(second)) + completedBy(heartbeatBefore(second - 2)),
    }));
    expect(readArrivals(samples)).toMatchObject({ rate15: 0, sustained: false });
  });

  it('is not changed by counts of the queue that are a second older than the heartbeats', () => {
    // 90 images at 1000 s; ten a second leave the queue, and are in a heartbeat at once.
    const completedBy = completedAt(10, 90);
    const samples = burst(30, (second) => ({
      queued: 90 - completedBy(second - 1),
      completed: completedBy(second),
    }));
    expect(readArrivals(samples).rate60 * 32).toBe(90);
    expect(readArrivals(samples).rate15).toBe(0);
  });

  it('forgets a count of the queue that was too high, once the queue has been empty for 10 s', () => {
    const queued = (second: number) => (second === 4 ? 40 : 0);
    const empty = look(every2s(20, (second) => ({ queued: queued(second), completed: 0 })));
    expect(empty.at(-1)).toEqual([1020, 0, 0, 0]);
    const samples = look(
      every2s(90, (second) => ({
        queued: queued(second) + Math.max(0, second - 20),
        completed: 0,
      })),
    );
    expect(readArrivals(samples).rate60).toBe(1);
  });

  it('assumes even arrivals while nothing could be observed', () => {
    const samples = look([
      { second: 1000, queued: 0, completed: 0 },
      { second: 1060, queued: 300, completed: 0 },
    ]);
    expect(readArrivals(samples)).toMatchObject({ rate15: 5, rate60: 5 });
  });

  it('does not change by another sample in the same second', () => {
    const looks = every2s(40, (second) => ({ queued: second % 7, completed: second }));
    const last = looks.at(-1);
    expect(look([...looks, ...(last ? [last] : [])])).toEqual(look(looks));
  });

  it('is kept only as long as it counts', () => {
    const samples = look(every2s(600, () => ({ queued: 1, completed: 0 })));
    expect(samples).toHaveLength(34);
    expect(samples[0]?.[0]).toBe(1600 - 66);
  });
});

describe('arrivals', () => {
  it.each([
    ['that have continued for 70 s', (second: number) => second, true],
    ['that began 30 s ago', (second: number) => Math.max(0, second - 50), false],
    ['that ended 16 s ago', (second: number) => Math.min(64, second), false],
    ['of one burst', (second: number) => (second < 50 ? 0 : 100), false],
    ['of two bursts, 40 s apart', (s: number) => (s < 34 ? 0 : s < 74 ? 50 : 100), true],
    ['once in 30 s', (second: number) => Math.floor(second / 30), false],
  ])('%s', (_, queued, sustained) => {
    const samples = look(every2s(80, (second) => ({ queued: queued(second), completed: 0 })));
    expect(readArrivals(samples).sustained).toBe(sustained);
  });

  it.each([
    [
      'of the last 20 s, for the four slices they fall into',
      (s: number) => Math.max(0, 3 * (s - 60)),
      24,
      2.5,
    ],
    ['of the last 12 s, not yet', (second: number) => Math.max(0, 3 * (second - 68)), 0, 0],
    ['of one burst, seen 2 s ago, not at all', (s: number) => (s < 78 ? 0 : 90), 0, 0],
    ['of one burst, seen 10 s ago, not at all', (s: number) => (s < 70 ? 0 : 90), 0, 0],
    ['that have ended, not at all', (s: number) => Math.max(0, 3 * Math.min(s - 40, 30)), 0, 0],
    ['that have continued for 70 s, without end', (second: number) => 3 * second, Infinity, 3],
  ])('are expected ahead: %s', (_, queued, seconds, rate) => {
    const samples = look(every2s(80, (second) => ({ queued: queued(second), completed: 0 })));
    expect(readArrivals(samples).ahead).toEqual({ seconds, rate });
  });

  it('are never counted twice or below zero, whatever the lag of the heartbeats', () => {
    const step = fc.record({
      arrived: fc.nat({ max: 50 }),
      /** Shares of what is queued, and of what was completed and not yet reported. */
      completed: fc.double({ min: 0, max: 1, noNaN: true }),
      reported: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        let queued = 0;
        let unreported = 0;
        let completed = 0;
        const looks = steps.map(({ arrived, ...shares }, index) => {
          const done = Math.floor((queued + arrived) * shares.completed);
          queued += arrived - done;
          const comparable = Math.floor((unreported + done) * shares.reported);
          unreported += done - comparable;
          completed += comparable;
          return { second: 1000 + 2 * index, queued, completed };
        });
        const { rate15, rate60 } = readArrivals(
          look([{ second: 998, queued: 0, completed: 0 }, ...looks]),
        );
        const total = steps.reduce((sum, { arrived }) => sum + arrived, 0);
        for (const [rate, seconds] of [
          [rate15, 15],
          [rate60, 60],
        ] as const) {
          expect(rate).toBeGreaterThanOrEqual(0);
          const span = Math.min(seconds, Math.max(5, 2 * steps.length));
          expect(rate * span).toBeLessThanOrEqual(total + 1e-9);
        }
      }),
    );
  });
});
