import { describe, expect, it } from 'vitest';
import {
  bootSeconds,
  jobImageSeconds,
  learnBoot,
  learnJobImages,
  learnService,
  NOTHING_LEARNED,
  serviceSeconds,
} from './learned.ts';
import { someWork } from './testing/builders.ts';

describe('the learned times', () => {
  it('are null before the first heartbeat', () => {
    expect(serviceSeconds(NOTHING_LEARNED)).toBeNull();
    expect(bootSeconds(NOTHING_LEARNED, 0.5)).toBeNull();
  });

  it('are the median and the 95th percentile of the boots', () => {
    const learned = [40, 90, 50, 45].reduce(learnBoot, NOTHING_LEARNED);
    expect(bootSeconds(learned, 0.5)).toBe(45);
    expect(bootSeconds(learned, 0.95)).toBe(90);
  });

  it('use the last 20 boots only', () => {
    const boots = [999, ...Array.from({ length: 20 }, () => 40)];
    expect(bootSeconds(boots.reduce(learnBoot, NOTHING_LEARNED), 1)).toBe(40);
  });

  it('are busy seconds divided by images, over all workers', () => {
    const learned = [someWork(1, 0.2), someWork(3, 0.6)].reduce(learnService, NOTHING_LEARNED);
    expect(serviceSeconds(learned)).toBeCloseTo(0.2);
  });

  it('of images of jobs are apart from those of requests', () => {
    expect(jobImageSeconds(NOTHING_LEARNED)).toBeNull();
    const learned = learnJobImages(learnService(NOTHING_LEARNED, someWork(1, 0.2)), 100, 50);
    expect(jobImageSeconds(learned)).toBe(0.5);
    expect(serviceSeconds(learned)).toBe(0.2);
    // After 2,000 images, the first weigh half: (50 * 0.5 + 1000) / (100 * 0.5 + 2000).
    expect(jobImageSeconds(learnJobImages(learned, 2000, 1000))).toBeCloseTo(1025 / 2050);
    expect(learnJobImages(learned, 0, 0)).toBe(learned);
  });

  it('weigh samples half after every 200 images', () => {
    // 1 s each, then 200 images at 3 s each: (200 * 0.5 * 1 + 200 * 3) / (200 * 0.5 + 200) = 700 / 300
    const learned = [someWork(200, 200), someWork(200, 600)].reduce(learnService, NOTHING_LEARNED);
    expect(serviceSeconds(learned)).toBeCloseTo(700 / 300);
  });

  it('use the speed of full workers, once it is known', () => {
    // One image at a time takes 0.25 s; of two at a time, 8 a second are completed.
    const light = { images: 96, busySeconds: 24, fullImages: 4, fullSeconds: 0.5 };
    const lightly = learnService(NOTHING_LEARNED, light);
    expect(serviceSeconds(lightly)).toBe(0.25);
    expect(serviceSeconds(learnService(lightly, light))).toBeCloseTo(1 / 8);
  });

  it('forget the speed of full workers only by newer work of full workers', () => {
    const full = (images: number, seconds: number) => ({
      images,
      busySeconds: seconds,
      fullImages: images,
      fullSeconds: seconds,
    });
    const fast = learnService(NOTHING_LEARNED, full(200, 20));
    const idle = learnService(fast, someWork(1000, 1000));
    expect(serviceSeconds(idle)).toBeCloseTo(0.1);
    // (200 * 0.5 * 0.1 + 200 * 0.7) / 300
    expect(serviceSeconds(learnService(idle, full(200, 140)))).toBeCloseTo(0.5);
  });
});
