import { expect, test } from 'vitest';
import { addListing, toRecording, type Life, type Observed } from './to-recording.ts';

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

const recordingOf = (parts: Partial<Observed>) =>
  toRecording(setting, {
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
  // 40 ms until it was accepted; 10 ms to fetch it, and of 1000 ms the 30 after 40 and 930.
  const parts = { entrySeconds: 0.04, overheadSeconds: 0.04, serviceSeconds: 0.205 };
  expect(recordingOf({ images: [anImage(2000)] }).images).toEqual([
    { offeredAt: 2, waitSeconds: 1, ...parts },
  ]);
});

test('sorts images by their offers', () => {
  const { images } = recordingOf({ images: [anImage(2), anImage(1)] });
  expect(images.map(({ offeredAt }) => offeredAt)).toEqual([0.001, 0.002]);
});

test('gives launches and ends of instances relative to the start', () => {
  const lives = [
    { launchedAtMs: BEGAN_AT_MS + 500, endedAtMs: BEGAN_AT_MS + 62_000 },
    { launchedAtMs: BEGAN_AT_MS + 1000, endedAtMs: null },
  ];
  const instances = [
    { launchedAt: 0.5, endedAt: 62 },
    { launchedAt: 1, endedAt: null },
  ];
  expect(recordingOf({ lives })).toMatchObject({ ...setting, bootSeconds: [5.5], instances });
});

type State = 'launching' | 'running' | 'stopping' | 'terminated';

/** The lives by listings of the states of instances, by their times. */
function livesBy(listings: Record<number, Record<string, State>>) {
  const lives = new Map<string, Life>();
  for (const [atMs, states] of Object.entries(listings)) {
    const listed = Object.entries(states).map(([instanceId, state]) => {
      return { instanceId, state, launchedAt: new Date(1_000) };
    });
    addListing(lives, listed, Number(atMs));
  }
  return Object.fromEntries(lives);
}

test('ends an instance when it is first listed as ending', () => {
  const lives = livesBy({
    2_000: { a: 'launching' },
    3_000: { a: 'running', b: 'launching' },
    4_000: { a: 'stopping', b: 'running' },
    // An instance that is no longer listed is kept.
    5_000: { b: 'running' },
    6_000: { a: 'terminated', b: 'running' },
  });
  expect(lives).toEqual({
    a: { launchedAtMs: 1_000, endedAtMs: 4_000 },
    b: { launchedAtMs: 1_000, endedAtMs: null },
  });
});

test('ends an instance at the second listing when it ended between two', () => {
  const lives = livesBy({ 7_000: { a: 'terminated' } });
  expect(lives['a']).toEqual({ launchedAtMs: 1_000, endedAtMs: 7_000 });
});
