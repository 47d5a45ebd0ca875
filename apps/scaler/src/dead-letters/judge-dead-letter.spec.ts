import { problemCode, type RecordedAttempt, type StoredResult } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { judgeDeadLetter, type DeadLetterFacts } from './judge-dead-letter.ts';
import { aRequest, NOW } from '../testing/builders.ts';

const DAY_MS = 24 * 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();

/** Attempts that are surely over this many seconds from now. */
const recordedAttempts = (...overInSeconds: number[]): RecordedAttempt[] =>
  overInSeconds.map((seconds, index) => ({
    nonce: `nonce-${index}`,
    worker: 'i-1',
    at: at(NOW - 60_000),
    endsAt: at(NOW + seconds * 1000),
  }));

const request = aRequest();
const result: StoredResult = {
  v: 1,
  id: request.requestId,
  status: 'succeeded',
  label: 'ox',
  predictions: [{ label: 'ox', score: 1, classIndex: 0 }],
  model: { name: 'm', version: '1', sha256: 'ab' },
  submittedAt: request.submittedAt,
  completedAt: request.submittedAt,
  attempts: 1,
  timings: { queuedMs: 0, fetchMs: 0, decodeMs: 0, inferMs: 0, totalMs: 0 },
};
const facts = (overrides: Partial<DeadLetterFacts> = {}): DeadLetterFacts => ({
  request,
  result: undefined,
  record: { v: 1, attempts: [] },
  imageExists: true,
  ...overrides,
});
const threeOver = { v: 1 as const, attempts: recordedAttempts(-300, -200, 0) };

describe('a dead letter', () => {
  it.each<[string, Partial<DeadLetterFacts>]>([
    ['never started', {}],
    ['attempted twice', { record: { v: 1, attempts: recordedAttempts(-100, 30) } }],
    ['almost 13 days old', { request: aRequest({ submittedAt: at(NOW - 13 * DAY_MS + 1) }) }],
    ['with a deadline to come', { request: aRequest({ deadlineAt: at(NOW + 1) }) }],
  ])('%s is sent again, marked as resent', (_, overrides) => {
    const known = facts(overrides);
    expect(judgeDeadLetter(known, NOW)).toEqual({
      kind: 'resend',
      request: { ...known.request, resent: true },
    });
  });

  it.each<[string, Partial<DeadLetterFacts>, string, number]>([
    ['started three times', { record: threeOver }, 'attempts-exhausted', 3],
    ['whose image is gone', { imageExists: false }, 'image-missing', 0],
    [
      'whose deadline has passed, whatever else',
      { request: aRequest({ deadlineAt: at(NOW) }), record: threeOver, imageExists: false },
      'deadline-exceeded',
      3,
    ],
    [
      '13 days old',
      { request: aRequest({ submittedAt: at(NOW - 13 * DAY_MS) }) },
      'deadline-exceeded',
      0,
    ],
  ])('%s is completed', (_, overrides, code, attempts) => {
    const verdict = judgeDeadLetter(facts(overrides), NOW);
    if (verdict.kind !== 'complete') throw new Error(verdict.kind);
    expect(problemCode(verdict.result.problem)).toBe(code);
    expect(verdict.result).toMatchObject({ attempts, completedAt: at(NOW) });
    expect(verdict.result.worker).toBeUndefined();
  });

  it('whose third attempt may still complete waits for it', () => {
    const record = { v: 1 as const, attempts: recordedAttempts(-300, -200, 42) };
    expect(judgeDeadLetter(facts({ record }), NOW)).toEqual({ kind: 'wait', ms: 42_000 });
  });

  it('that has its result is only replied to, in every case', () => {
    const answered = { result: result, record: threeOver, imageExists: false };
    expect(judgeDeadLetter(facts(answered), NOW)).toEqual({ kind: 'already-completed', result });
  });
});
