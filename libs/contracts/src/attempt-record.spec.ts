import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgeAttempts,
  MAX_RECORDED_ATTEMPTS,
  NO_ATTEMPTS,
  withoutAttempt,
  withAttempt,
  type AttemptRecord,
  type RecordedAttempt,
} from './attempt-record.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MAX_START_MS = 75_000;

/** A start this many seconds ago. */
const start = (nonce: string, secondsAgo = 0): RecordedAttempt => ({
  nonce,
  worker: `i-${nonce}`,
  at: new Date(NOW - secondsAgo * 1000).toISOString(),
  endsAt: new Date(NOW - secondsAgo * 1000 + MAX_START_MS).toISOString(),
});
const record = (...attempts: RecordedAttempt[]): AttemptRecord => ({ v: 1, attempts });

describe('the record of starts', () => {
  test('counts a start that is written again once, with its later time', () => {
    const twice = withAttempt(withAttempt(record(start('a', 9)), start('b', 5)), start('a', 1));
    expect(twice).toEqual(record(start('b', 5), start('a', 1)));
  });

  test('forgets a start that is given back, and no other', () => {
    const both = record(start('a'), start('b'));
    expect(withoutAttempt(both, 'a')).toEqual(record(start('b')));
    expect(withoutAttempt(both, 'c')).toEqual(both);
  });

  test.each([
    ['none', NO_ATTEMPTS, { kind: 'may-start' }],
    ['two, however old', record(start('a', 900), start('b', 800)), { kind: 'may-start' }],
    [
      'three, the last 15 s ago: 75 - 15',
      record(start('a', 900), start('b', 800), start('c', 15)),
      { kind: 'too-early', waitMs: 60_000 },
    ],
    [
      'three, the last of them not last in the list',
      record(start('a', 900), start('b', 74), start('c', 100)),
      { kind: 'too-early', waitMs: 1_000 },
    ],
    [
      'three, all over',
      record(start('a', 900), start('b', 800), start('c', 75)),
      { kind: 'exhausted' },
    ],
  ])('with %s says what is next', (_, starts, verdict) => {
    expect(judgeAttempts(starts, NOW)).toEqual(verdict);
  });

  test('never lets more than three stand, whatever is retried, given back and asked', () => {
    const step = fc.record({
      nonce: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      kind: fc.constantFrom('start', 'give-back'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let standing = NO_ATTEMPTS;
        for (const { nonce, kind } of steps) {
          const others = withoutAttempt(standing, nonce);
          if (kind === 'give-back') standing = others;
          else if (judgeAttempts(others, NOW).kind === 'may-start')
            standing = withAttempt(standing, start(nonce));
          expect(standing.attempts.length).toBeLessThanOrEqual(MAX_RECORDED_ATTEMPTS);
        }
      }),
    );
  });
});
