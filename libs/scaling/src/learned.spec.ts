import { describe, expect, it } from 'vitest';
import {
  bootSeconds,
  learnBoot,
  learnService,
  NOTHING_LEARNED,
  serviceSeconds,
} from './learned.ts';

describe('what the fleet taught', () => {
  it('is nothing before the first report', () => {
    expect(serviceSeconds(NOTHING_LEARNED)).toBeNull();
    expect(bootSeconds(NOTHING_LEARNED, 0.5)).toBeNull();
  });

  it('takes the median and the 95th percentile of the boots', () => {
    const learned = [40, 90, 50, 45].reduce(learnBoot, NOTHING_LEARNED);
    expect(bootSeconds(learned, 0.5)).toBe(45);
    expect(bootSeconds(learned, 0.95)).toBe(90);
  });

  it('remembers the last 20 boots only', () => {
    const boots = [999, ...Array.from({ length: 20 }, () => 40)];
    expect(bootSeconds(boots.reduce(learnBoot, NOTHING_LEARNED), 1)).toBe(40);
  });

  it('divides busy seconds by images, over all workers', () => {
    const learned = learnService(learnService(NOTHING_LEARNED, 1, 0.2), 3, 0.6);
    expect(serviceSeconds(learned)).toBeCloseTo(0.2);
  });

  it('weighs half of it away with every 200 images', () => {
    // 1 s each, then 200 images at 3 s each: (200 * 0.5 * 1 + 200 * 3) / (200 * 0.5 + 200) = 700 / 300
    const learned = learnService(learnService(NOTHING_LEARNED, 200, 200), 200, 600);
    expect(serviceSeconds(learned)).toBeCloseTo(700 / 300);
  });
});
