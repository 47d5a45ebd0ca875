import { expect, test } from 'vitest';
import { toRecording, type Observed } from './to-recording.ts';

const setting = {
  name: 'a run',
  windowSeconds: 60,
  slots: 2,
  threads: 1,
  pollSeconds: 2,
  maxWorkers: 2,
  tickSeconds: 0.5,
};
const BEGAN_AT_MS = Date.parse('2026-11-22T09:00:00.000Z');

const seen = (parts: Partial<Observed>): Observed => ({
  beganAtMs: BEGAN_AT_MS,
  images: [],
  lives: [],
  bootSeconds: [5.5],
  ...parts,
});
const anImage = (offeredAtMs: number) => ({
  offeredAtMs: BEGAN_AT_MS + offeredAtMs,
  latencyMs: 1000,
  result: {
    submittedAt: new Date(BEGAN_AT_MS + offeredAtMs + 40).toISOString(),
    timings: { queuedMs: 500, fetchMs: 10, decodeMs: 5, inferMs: 200, totalMs: 930 },
  },
});

test('splits a wait into its parts', () => {
  const { images } = toRecording(setting, seen({ images: [anImage(2000)] }));
  // 40 ms until it was accepted; 10 ms to fetch it, and of 1000 ms the 30 after 40 and 930.
  expect(images).toEqual([
    {
      offeredAt: 2,
      waitSeconds: 1,
      entrySeconds: 0.04,
      overheadSeconds: 0.04,
      serviceSeconds: 0.205,
    },
  ]);
});

test('sorts images by their offers', () => {
  const { images } = toRecording(setting, seen({ images: [anImage(2), anImage(1)] }));
  expect(images.map(({ offeredAt }) => offeredAt)).toEqual([0.001, 0.002]);
});

test('gives launches and ends of instances relative to the start', () => {
  const lives = [
    { launchedAtMs: BEGAN_AT_MS + 500, endedAtMs: BEGAN_AT_MS + 62_000 },
    { launchedAtMs: BEGAN_AT_MS + 1000, endedAtMs: null },
  ];
  expect(toRecording(setting, seen({ lives }))).toMatchObject({
    ...setting,
    bootSeconds: [5.5],
    instances: [
      { launchedAt: 0.5, endedAt: 62 },
      { launchedAt: 1, endedAt: null },
    ],
  });
});
