import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redeliveryDelaySeconds } from './redelivery-delay.ts';

test('the delay of a redelivery doubles with each receive from 1 s to 5 min, in whole seconds', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, (receives, chance) => {
      const delay = redeliveryDelaySeconds(receives, chance);
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(Math.min(150, 2 ** (receives - 2)));
      expect(delay).toBeLessThanOrEqual(Math.min(300, 2 ** (receives - 1)));
    }),
  );
});
