import type { ProblemCode } from '@labelfleet/contracts';
import { ForeignAnswerError, NoAnswerError, ProblemError } from '@labelfleet/client';
import { expect, test, vi } from 'vitest';
import { failedOutcome } from '../network/api.ts';
import { failureOf, isPassing, refusedBeforeUpload } from './failure.ts';

const file = (name: string, type: string, size = 10) => ({ name, type, size });

test.each([
  [file('a.jpg', 'image/jpeg'), undefined],
  [file('a.unknown', ''), undefined],
  [file('IMG_1.HEIC', ''), 'HEIC images cannot be read'],
  [file('photo', 'image/heif'), 'HEIC images cannot be read'],
  [file('a.jpg', 'image/jpeg', 0), 'The file is empty'],
  [file('a.jpg', 'image/jpeg', 101), 'The file is too large'],
])('%o is refused before its upload: %s', (given, title) => {
  expect(refusedBeforeUpload(given, 100)?.title).toBe(title);
});

const problem = (code: ProblemCode) => ({
  type: `urn:labelfleet:problem:${code}` as const,
  title: 'Title',
  status: 500,
  detail: 'Detail.',
  requestId: 'r',
});
test.each<[ProblemCode, boolean, boolean]>([
  ['invalid-image', false, false],
  ['attempts-exhausted', true, false],
  ['overloaded', true, true],
  ['rate-limited', true, true],
])(
  'after %s the image can be sent again: %s, and the page does it unasked: %s',
  (code, canRetry, passing) => {
    expect([failureOf(problem(code)).canRetry, isPassing(problem(code))]).toEqual([
      canRetry,
      passing,
    ]);
  },
);

test.each([
  [
    'a problem',
    new ProblemError(problem('overloaded'), 3000),
    { kind: 'problem', retryAfterMs: 3000 },
  ],
  [
    'a page of a proxy',
    new ForeignAnswerError(413, '<h1>'),
    { kind: 'unanswered', trouble: 'not the gateway' },
  ],
  [
    'no connection',
    new NoAnswerError('The connection failed.'),
    { kind: 'unanswered', trouble: 'no answer' },
  ],
  [
    'an unreadable file',
    new DOMException('', 'NotReadableError'),
    { kind: 'problem', problem: { type: 'file-unreadable' } },
  ],
])('takes %s for what it is', (_, error, expected) => {
  vi.stubGlobal('navigator', { onLine: true });
  expect(failedOutcome(error)).toMatchObject(expected);
});
