import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CostMeter, type PriceImage, type RunningMeter } from './cost-meter.ts';
import { FakeClock } from '../testing/fake-clock.ts';

const dollarASecond: PriceImage = (usd) => ({ total: usd, instance: usd, queue: 0, store: 0 });

function open(price = dollarASecond) {
  const clock = new FakeClock();
  return { clock, meter: new CostMeter(clock, price) };
}

const seconds = (running: RunningMeter) => running.cost()?.instance;

describe('the busy time of the machine', () => {
  test('belongs to one image while it is the only one', async () => {
    const { clock, meter } = open();
    await clock.advance(5000);
    using image = meter.begin();
    await clock.advance(1200);
    expect(seconds(image)).toBeCloseTo(1.2);
  });

  test('is split while there are several images', async () => {
    const { clock, meter } = open();
    using first = meter.begin();
    await clock.advance(1000);
    const second = meter.begin();
    await clock.advance(1000);
    // The first second, and half of the next one.
    expect([seconds(first), seconds(second)]).toEqual([1.5, 0.5]);
    second[Symbol.dispose]();
    await clock.advance(1000);
    expect(seconds(first)).toBeCloseTo(2.5);
  });

  test('is the sum of all shares, in whatever order images begin and end', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 1000 }),
      leaves: fc.option(fc.nat()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { clock, meter } = open();
        const inFlight: RunningMeter[] = [];
        let shared = 0;
        let busyMs = 0;
        const leave = (index: number) => {
          const [image] = inFlight.splice(index, 1);
          if (image === undefined) return;
          shared += seconds(image) ?? NaN;
          image[Symbol.dispose]();
        };
        for (const { ms, leaves } of steps) {
          if (leaves === null) inFlight.push(meter.begin());
          else if (inFlight.length > 0) leave(leaves % inFlight.length);
          await clock.advance(ms);
          if (inFlight.length > 0) busyMs += ms;
        }
        while (inFlight.length > 0) leave(0);
        expect(shared).toBeCloseTo(busyMs / 1000);
      }),
      { numRuns: 50, seed: 6 },
    );
  });
});

test('an image has no cost where a price is not known', () => {
  const { meter } = open(() => null);
  using image = meter.begin();
  expect(image.cost()).toBeUndefined();
});
