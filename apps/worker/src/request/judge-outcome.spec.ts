import type { BadImage } from '@labelfleet/inference';
import { deadlinePassed, problemCode, storedResultSchema } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import {
  isNoAttempt,
  judgeOutcome,
  type AttemptOutcome,
  type OutcomeContext,
} from './judge-outcome.ts';
import { aRequest } from '../testing/builders.ts';

const submitted = Date.parse('2026-03-01T12:00:00Z');
const request = aRequest({
  submittedAt: '2026-03-01T12:00:00Z',
  deadlineAt: '2026-03-01T12:00:05Z',
});
const context: OutcomeContext = {
  request,
  receiveCount: 1,
  earlierAttempts: 0,
  receivedAt: submitted + 250,
  now: submitted + 400,
  worker: 'i-1',
  model: { name: 'everyday-100', version: '1', sha256: 'ab' },
  calibration: undefined,
  cost: undefined,
  random: 0.5,
};
const classified: AttemptOutcome = {
  kind: 'classified',
  predictions: [
    { label: 'cat', score: 0.9, classIndex: 3 },
    { label: 'dog', score: 0.1, classIndex: 4 },
  ],
  fetchMs: 5,
  decodeMs: 10,
  inferMs: 20,
};

function resultOf(outcome: AttemptOutcome, overrides: Partial<OutcomeContext> = {}) {
  const verdict = judgeOutcome(outcome, { ...context, ...overrides });
  if (verdict.kind !== 'complete') throw new Error(`the verdict is ${verdict.kind}`);
  return storedResultSchema.parse(verdict.result);
}

describe('a classified image', () => {
  test('completes its request with predictions and timings', () => {
    expect(resultOf(classified)).toEqual({
      v: 1,
      id: request.requestId,
      fileName: 'cat.png',
      status: 'succeeded',
      label: 'cat',
      predictions: classified.predictions,
      model: context.model,
      submittedAt: '2026-03-01T12:00:00Z',
      completedAt: '2026-03-01T12:00:00.400Z',
      attempts: 1,
      worker: 'i-1',
      timings: { queuedMs: 250, fetchMs: 5, decodeMs: 10, inferMs: 20, totalMs: 400 },
    });
  });

  test('has no negative times when the clock of the gateway is ahead', () => {
    const early = { receivedAt: submitted - 900, now: submitted - 800 };
    expect(resultOf(classified, early)).toMatchObject({ timings: { queuedMs: 0, totalMs: 0 } });
  });
});

describe('an image of a request that demands a precision', () => {
  const row = (score: number, labeled: number, precision: number) => ({
    ...{ score, labeled, precision: precision + 0.01, precisionAtLeast: precision },
  });
  // 'cat' has a score of 0.9.
  const calibration = {
    ...{ images: 1000, confidence: 0.95 },
    thresholds: [row(0, 1, 0.6), row(0.85, 0.5, 0.8), row(0.95, 0.4, 0.9)],
  };

  test.each([
    { minPrecision: undefined, label: 'cat' },
    { minPrecision: 0.55, label: 'cat' },
    { minPrecision: 0.8, label: 'cat' },
    { minPrecision: 0.81, label: null },
    { minPrecision: 0.95, label: null },
  ])('gets the label $label at a precision of $minPrecision', ({ minPrecision, label }) => {
    const demanding = { request: { ...request, minPrecision }, calibration };
    const result = resultOf(classified, demanding);
    expect(result).toMatchObject({
      status: 'succeeded',
      label,
      predictions: classified.predictions,
    });
    expect('unknown' in result).toBe(label === null);
  });

  test('fails if nothing is known about the precision of the model', () => {
    const result = resultOf(classified, { request: { ...request, minPrecision: 0.9 } });
    expect(result).toMatchObject({
      status: 'failed',
      problem: {
        status: 400,
        type: 'urn:labelfleet:problem:invalid-parameter',
        detail: expect.stringMatching(
          /the model everyday-100\/1 has no calibration table/,
        ) as string,
      },
    });
  });
});

describe('an attempt without a classification', () => {
  const bad = (reason: BadImage['reason']): AttemptOutcome => ({
    kind: 'bad-image',
    reason,
    detail: 'It is a text file.',
  });

  // This attempt counts only if decoding has begun; the two recorded ones always count.
  test.each([
    [bad('unsupported-type'), 'unsupported-media-type', 415, 3],
    [bad('undecodable'), 'invalid-image', 422, 3],
    [bad('too-many-pixels'), 'invalid-image', 422, 3],
    [bad('too-costly'), 'invalid-image', 422, 3],
    [{ kind: 'image-missing' } as const, 'image-missing', 500, 2],
    [
      { kind: 'deadline-passed', deadlineAt: '2026-03-01T12:00:05Z' } as const,
      'deadline-exceeded',
      504,
      2,
    ],
    [{ kind: 'exhausted' } as const, 'attempts-exhausted', 500, 2],
  ])('that ends with %j fails its request with %s, %i', (outcome, code, status, attempts) => {
    const result = resultOf(outcome, { receiveCount: 9, earlierAttempts: 2 });
    if (result.status !== 'failed') throw new Error('it succeeded');
    expect(problemCode(result.problem)).toBe(code);
    expect(result).toMatchObject({ attempts, problem: { status, requestId: request.requestId } });
    if (outcome.kind === 'bad-image') expect(result.problem.detail).toBe('It is a text file.');
  });

  test.each([
    // The bound is 2^4 s: half of it, and half of the other half by chance: 8 + 0.5 * 8.
    [{ kind: 'failed', error: new Error('x') } as const, { kind: 'release', delaySeconds: 12 }],
    [
      { kind: 'unreachable', error: new Error('x') } as const,
      { kind: 'release', delaySeconds: 12 },
    ],
    // The delay ends when the last attempt is over, in whole seconds, and is at most 12 h, as SQS allows.
    [{ kind: 'too-early', waitMs: 59_001 } as const, { kind: 'release', delaySeconds: 60 }],
    [{ kind: 'too-early', waitMs: 1e9 } as const, { kind: 'release', delaySeconds: 43_200 }],
    [{ kind: 'interrupted' } as const, { kind: 'release', delaySeconds: 0 }],
    [{ kind: 'lapsed' } as const, { kind: 'leave' }],
  ])('that ends with %j is judged as %j on the fifth receive', (outcome, verdict) => {
    expect(judgeOutcome(outcome, { ...context, receiveCount: 5 })).toEqual(verdict);
  });
});

test.each([
  ['failed', false],
  ['unreachable', true],
  ['interrupted', true],
  ['lapsed', true],
] as const)('an outcome of kind %s is no attempt: %s', (kind, expected) => {
  const error = new Error('x');
  expect(isNoAttempt({ kind, error })).toBe(expected);
});

test.each([
  [4_999, false],
  [5_000, true],
])('%i ms after the submission, a deadline of 5 s has passed: %s', (ms, passed) => {
  expect(deadlinePassed(request, submitted + ms)).toBe(passed);
});
