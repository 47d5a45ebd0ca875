import { makeProblem } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { asAnswered, FIRST, succeeded } from '../check/testing.ts';
import { readAnswer } from './read-answer.ts';

const problem = (code: 'overloaded' | 'invalid-image' | 'not-found') =>
  makeProblem(code, FIRST, 'in a test');

test.each([
  [
    'a result',
    200,
    asAnswered(succeeded(FIRST)),
    { kind: 'completed', result: { id: FIRST, label: 'ladybug' } },
  ],
  ['a link', 202, { id: FIRST, status: 'queued' }, { kind: 'queued', requestId: FIRST }],
  ['a queued request', 200, { id: FIRST, status: 'queued' }, { kind: 'queued' }],
  ['a failure', 422, problem('invalid-image'), { kind: 'problem' }],
  ['an unknown request', 404, problem('not-found'), { kind: 'problem' }],
  ['overload', 503, problem('overloaded'), { kind: 'try-again' }],
  ['a result with an error', 500, asAnswered(succeeded(FIRST)), { kind: 'odd' }],
  ['half a result', 200, { id: FIRST, status: 'succeeded' }, { kind: 'odd' }],
  ['nothing', 200, '', { kind: 'odd' }],
])('reads an answer: %s', (_what, status, body, expected) => {
  expect(readAnswer(status, body)).toMatchObject(expected);
});
