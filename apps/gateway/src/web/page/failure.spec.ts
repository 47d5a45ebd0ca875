import { expect, test } from 'vitest';
import { outcome, parseEvent } from './api.ts';
import { failureOf, isPassing, megabytes, refusedBeforeUpload } from './failure.ts';

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

const problem = (code: string) => ({
  type: `urn:labelfleet:problem:${code}`,
  title: 'Title',
  status: 500,
  detail: 'Detail.',
});
test.each([
  ['invalid-image', false, false],
  ['attempts-exhausted', true, false],
  ['overloaded', true, true],
  ['rate-limited', true, true],
])(
  'after %s the image can be sent again: %s, and the page does it by itself: %s',
  (code, canRetry, passing) => {
    expect([failureOf(problem(code)).canRetry, isPassing(problem(code))]).toEqual([
      canRetry,
      passing,
    ]);
  },
);

test.each([
  [10, '1 KB'],
  [1_572_864, '1.5 MB'],
  [33_554_432, '32 MB'],
])('%d bytes are %s', (bytes, expected) => expect(megabytes(bytes)).toBe(expected));

const answer = (overrides: object) =>
  outcome({
    status: 200,
    text: '{"id":"r"}',
    contentType: 'application/json',
    retryAfter: null,
    ...overrides,
  });
const html = { contentType: 'text/html', text: '<h1>Bad gateway</h1>' };
test.each([
  ['an answer', {}, 'answer'],
  ['one with a charset', { contentType: 'application/json; charset=utf-8' }, 'answer'],
  [
    'a problem',
    { status: 422, contentType: 'application/problem+json', text: JSON.stringify(problem('x')) },
    'problem',
  ],
  ['a page with 200', html, 'unanswered'],
  ['a page with 413', { ...html, status: 413 }, 'unanswered'],
  ['a page with 502', { ...html, status: 502 }, 'unanswered'],
  ['JSON of another server', { status: 403, text: '{"message":"Forbidden"}' }, 'unanswered'],
  [
    'a problem that is cut short',
    { status: 422, contentType: 'application/problem+json', text: '{"ty' },
    'unanswered',
  ],
])('takes %s for what it is', (_, given, kind) => {
  expect(answer(given).kind).toBe(kind);
});

test('reads Retry-After', () => {
  expect(answer({ ...html, retryAfter: '3' })).toMatchObject({ retryAfterMs: 3000 });
  expect(answer({ ...html, retryAfter: 'soon' })).toMatchObject({ retryAfterMs: undefined });
});

test.each([
  [
    'event: progress\nid: AQ\ndata: {"counts":{}}',
    { id: 'AQ', event: { kind: 'progress', progress: { counts: {} } } },
  ],
  [
    'event: completed\r\ndata: {"index":3}',
    { id: undefined, event: { kind: 'completed', item: { index: 3 } } },
  ],
  ['event: done\ndata: {}', { id: undefined, event: { kind: 'done' } }],
  [': ping', undefined],
  ['event: later\ndata: {}', undefined],
])('parses the event %j', (block, expected) => {
  expect(parseEvent(block)).toEqual(expected);
});
