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
const MAX_ATTEMPT_MS = 75_000;

/** An attempt that started this many seconds ago. */
const attempt = (nonce: string, secondsAgo = 0): RecordedAttempt => ({
  nonce,
  worker: `i-${nonce}`,
  at: new Date(NOW - secondsAgo * 1000).toISOString(),
  endsAt: new Date(NOW - secondsAgo * 1000 + MAX_ATTEMPT_MS).toISOString(),
});
const record = (...attempts: RecordedAttempt[]): AttemptRecord => ({ v: 1, attempts });

describe('an attempt record', () => {
  test('counts a repeated attempt once, with its later time', () => {
    const twice = withAttempt(
      withAttempt(record(attempt('a', 9)), attempt('b', 5)),
      attempt('a', 1),
    );
    expect(twice).toEqual(record(attempt('b', 5), attempt('a', 1)));
  });

  test('removes only the attempt that is withdrawn', () => {
    const both = record(attempt('a'), attempt('b'));
    expect(withoutAttempt(both, 'a')).toEqual(record(attempt('b')));
    expect(withoutAttempt(both, 'c')).toEqual(both);
  });

  test.each([
    ['no attempt', NO_ATTEMPTS, { kind: 'may-attempt' }],
    ['two old attempts', record(attempt('a', 900), attempt('b', 800)), { kind: 'may-attempt' }],
    [
      'three attempts, the last one 15 s old (75 - 15)',
      record(attempt('a', 900), attempt('b', 800), attempt('c', 15)),
      { kind: 'too-early', waitMs: 60_000 },
    ],
    [
      'three attempts, the last one not last in the list',
      record(attempt('a', 900), attempt('b', 74), attempt('c', 100)),
      { kind: 'too-early', waitMs: 1_000 },
    ],
    [
      'three attempts that have ended',
      record(attempt('a', 900), attempt('b', 800), attempt('c', 75)),
      { kind: 'exhausted' },
    ],
  ])('judges %s', (_, attempts, verdict) => {
    expect(judgeAttempts(attempts, NOW)).toEqual(verdict);
  });

  test('never has more than three attempts, whatever is repeated and withdrawn', () => {
    const step = fc.record({
      nonce: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      kind: fc.constantFrom('attempt', 'withdraw'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let current = NO_ATTEMPTS;
        for (const { nonce, kind } of steps) {
          const others = withoutAttempt(current, nonce);
          if (kind === 'withdraw') current = others;
          else if (judgeAttempts(others, NOW).kind === 'may-attempt')
            current = withAttempt(current, attempt(nonce));
          expect(current.attempts.length).toBeLessThanOrEqual(MAX_RECORDED_ATTEMPTS);
        }
      }),
    );
  });
});
