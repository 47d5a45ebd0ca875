import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeBoots } from './boot-charge.ts';

describe('the minimum cost of launches', () => {
  it('is the boot time when all boots are equal', () => {
    expect(chargeBoots(Float64Array.of(42, 42, 42), 2)).toEqual({
      typicalSeconds: 42,
      sparedSeconds: 0,
      onceSeconds: 0,
    });
  });

  it.each([
    // Boots fall short of 40 by 20, 0, 10, 0, 0: by 20, 20, 30, 30, 30 in sum.
    { launches: 1, spared: 20, once: 0 },
    // The hull goes from 1 launch to 3 with 5 a launch, and lies 15 above the line through 0.
    { launches: 2, spared: 5, once: 15 },
    { launches: 3, spared: 5, once: 15 },
    { launches: 5, spared: 0, once: 30 },
  ])('is closest to the true cost for $launches launches', ({ launches, spared, once }) => {
    const boots = Float64Array.of(20, 40, 30, 50, 60);
    expect(chargeBoots(boots, launches)).toEqual({
      typicalSeconds: 40,
      sparedSeconds: spared,
      onceSeconds: once,
    });
  });

  it('is never above the cost of the first boots, for any number of launches and any uptime', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.nat({ max: 80 }), { minLength: 30, maxLength: 30 }),
        (boots, launches, ups) => {
          const charge = chargeBoots(Float64Array.from(boots), launches);
          let real = 0;
          let charged = -charge.onceSeconds;
          for (const [index, boot] of boots.entries()) {
            const up = ups[index] ?? 0;
            real += Math.max(60, boot + up);
            charged += Math.max(60, charge.typicalSeconds + up) - charge.sparedSeconds;
            expect(charged).toBeLessThanOrEqual(real + 1e-9);
          }
        },
      ),
    );
  });
});
