import { expect, test } from 'vitest';
import { mean, nearestRank, sumOf } from '../statistics.ts';
import { gatewaySeconds, predict } from './predict.ts';
import type { Recording } from './recording.ts';
import { aRecording } from './testing/a-recording.ts';

const medians = (recording: Recording) => predict(recording).map(({ waits }) => waits.p50);

test('delays a single image by a tick, the boot, its transfer and its service', () => {
  const waits = medians(aRecording({ bootSeconds: [6] }));
  // Boot 6, way 0.05, service 0.25; up to a tick of 0.5 s before the launch.
  expect(Math.min(...waits)).toBeGreaterThan(6.3);
  expect(Math.max(...waits)).toBeLessThan(6.8);
  // Every phase of the ticks is as likely: half a tick on average.
  expect(mean(waits)).toBeCloseTo(6.55, 1);
});

test('draws boots with the recorded spread', () => {
  const spread = (bootSeconds: number[]) => {
    const waits = medians(aRecording({ bootSeconds }));
    return Math.max(...waits) - Math.min(...waits);
  };
  // Without a spread only the phase of the ticks differs, which is half a second.
  expect(spread([6, 6, 6])).toBeLessThan(0.5);
  // ln has a standard deviation of 0.2: 20 draws are at least 4.5 to 7 s.
  expect(spread([5, 6, 7.5])).toBeGreaterThan(2);
});

test('lets the gateway accept one image after the other', () => {
  const image = { waitSeconds: 9, serviceSeconds: 1, overheadSeconds: 0 };
  const taken = [
    { ...image, offeredAt: 1, entrySeconds: 0.6 },
    { ...image, offeredAt: 1, entrySeconds: 0.2 },
    { ...image, offeredAt: 5, entrySeconds: 0.3 },
  ];
  // Taken at 1.2, 1.6 and 5.3: 0.2 after the offer, 0.4 after the one before, 0.3 after the offer.
  expect(gatewaySeconds(taken)).toBeCloseTo(0.3);
});

test('counts the time in the gateway as part of the wait', () => {
  const waitsFor = (entrySeconds: number) => {
    const recording = aRecording();
    recording.images.forEach((image) => (image.entrySeconds = entrySeconds));
    return sumOf(medians(recording));
  };
  // A whole tick later, whatever the phase: 20 runs.
  expect(waitsFor(0.5) - waitsFor(0)).toBeCloseTo(20 * 0.5);
});

test('serves images one after the other with one thread, each for its recorded time', () => {
  const recording = aRecording({ waits: [1, 1, 1, 1], maxWorkers: 1 });
  recording.images.forEach((image, index) => (image.serviceSeconds = 1 + index));
  const [first] = predict(recording);
  // Served after 1, 3, 6 and 10 s; 0.05 s before the first, during which the thread waits.
  const { p50 = 0, p99 = 0 } = first?.waits ?? {};
  expect(p99 - p50).toBeCloseTo(nearestRank([1, 3, 6, 10], 0.99) - 3);
});

test('counts nothing after the window', () => {
  const [first] = predict(aRecording({ windowSeconds: 30 }));
  // Launched at a tick within the first half second.
  expect(first?.instanceSeconds).toBeGreaterThan(29);
  expect(first?.instanceSeconds).toBeLessThanOrEqual(30);
});
