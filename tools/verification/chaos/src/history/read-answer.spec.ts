import { makeProblem } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { asTold, FIRST, succeeded } from '../check/testing.ts';
import { readAnswer } from './read-answer.ts';

const problem = (code: 'overloaded' | 'invalid-image' | 'not-found') =>
  makeProblem(code, FIRST, 'in a test');

test.each([
  ['a result', 200, asTold(succeeded(FIRST)), { kind: 'settled', result: succeeded(FIRST) }],
  ['a link', 202, { id: FIRST, status: 'queued' }, { kind: 'queued', requestId: FIRST }],
  ['that it is queued', 200, { id: FIRST, status: 'queued' }, { kind: 'queued' }],
  ['that it failed', 422, problem('invalid-image'), { kind: 'problem' }],
  ['that it is not known', 404, problem('not-found'), { kind: 'problem' }],
  ['that there is no room', 503, problem('overloaded'), { kind: 'try-again' }],
  ['a result with an error', 500, asTold(succeeded(FIRST)), { kind: 'odd' }],
  ['half a result', 200, { id: FIRST, status: 'succeeded' }, { kind: 'odd' }],
  ['nothing', 200, '', { kind: 'odd' }],
])('an answer tells %s', (_what, status, body, told) => {
  expect(readAnswer(status, body)).toMatchObject(told);
});
