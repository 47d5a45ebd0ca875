import { expect, test } from 'vitest';
import { judge, type Evaluation, type Stored } from './judge.ts';
import { anAnswer, aRound, aSample } from './testing/a-round.ts';

const LIMITS = { maxWorkers: 3, withinSeconds: 10 };

const image = (number: number): Stored => ({
  file: `image-${number}.png`,
  sha256: `${number}`.padStart(64, '0'),
  label: 'crab',
});
const images = [image(0), image(1), image(0)];

/** The faults by case; cases without faults are left out. */
function faultsOf(different: Partial<Evaluation>) {
  const evaluation = { rounds: [aRound(2)], sent: images, stored: images, ...different };
  const cases = judge(evaluation, LIMITS);
  expect(cases.map(({ name }) => name)).toEqual(['answers', 'buckets', 'instances', 'time']);
  return Object.fromEntries(
    cases.flatMap(({ name, faults }) => (faults.length === 0 ? [] : [[name, faults]])),
  );
}

test('finds no fault when everything is as it should be', () => {
  expect(faultsOf({})).toEqual({});
});

const samples = (...counts: Parameters<typeof aSample>[0][]) => ({ samples: counts.map(aSample) });

test.each([
  [
    'one wrong label',
    { answers: [anAnswer(0), anAnswer(1, { kind: 'wrong', label: 'ant', expected: 'bee' })] },
    { answers: ['2 images: image-1.png: ant instead of bee'] },
  ],
  [
    'one failed image',
    { answers: [anAnswer(0), anAnswer(1, { kind: 'failed', reason: '503: later' })] },
    { answers: ['2 images: image-1.png: 503: later'] },
  ],
  [
    'one missing answer',
    { answers: [anAnswer(0)] },
    { answers: ['2 images: 1 without an answer'] },
  ],
  [
    'an instance less than images',
    samples({}, { launching: 1 }, {}),
    { instances: ['2 images: most instances at once: 1 instead of 2'] },
  ],
  [
    'an instance more than images, which is ending',
    samples({}, { running: 2, stopping: 1 }, {}),
    { instances: ['2 images: most instances at once: 3 instead of 2'] },
  ],
  [
    'an instance from before',
    samples({ running: 1 }, { running: 2 }, {}),
    { instances: ['2 images: instances at the start: 1'] },
  ],
  [
    'an instance that stays',
    samples({}, { running: 2 }, { stopping: 1 }),
    { instances: ['2 images: instances at the end: 1'] },
  ],
  ['a late last answer', { elapsedMs: 10_100 }, { time: ['2 images in 10.1 s, more than 10 s'] }],
])('finds %s', (_, different, faults) => {
  expect(faultsOf({ rounds: [aRound(2, different)] })).toEqual(faults);
});

test('expects the maximum, and no more, for more images than that', () => {
  const withPeak = (running: number) => [aRound(9, samples({}, { running }, {}))];
  expect(faultsOf({ rounds: withPeak(3) })).toEqual({});
  expect(faultsOf({ rounds: withPeak(4) })).toEqual({
    instances: ['9 images: most instances at once: 4 instead of 3'],
  });
});

test.each([
  ['a missing image', [image(0), image(1)], ['missing or wrong: image-0.png crab (000000000000)']],
  [
    'an image that was not sent',
    [...images, image(7)],
    ['not sent: image-7.png crab (000000000000)'],
  ],
  [
    'another label',
    [image(0), image(0), { ...image(1), label: 'ant' }],
    [
      'missing or wrong: image-1.png crab (000000000000)',
      'not sent: image-1.png ant (000000000000)',
    ],
  ],
  ['images without results', { fault: 'they do not match' }, ['they do not match']],
])('finds %s in the buckets', (_, stored, faults) => {
  expect(faultsOf({ stored })).toEqual({ buckets: faults });
});
