import { expect, test } from 'vitest';
import { isTransient } from '../errors.ts';
import { entryOutcomes } from './batch-outcomes.ts';

test('gives each entry its own outcome, also an entry that the response omits', () => {
  const outcomes = entryOutcomes(
    'SendMessageBatch',
    4,
    {
      // In any order.
      Successful: [{ Id: '2' }],
      Failed: [
        { Id: '1', Code: 'InternalError', Message: 'later', SenderFault: false },
        { Id: '0', Code: 'InvalidMessageContents', Message: 'a bad character', SenderFault: true },
      ],
    },
    'sent',
  );
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'InvalidMessageContents', statusCode: 400 } },
    { status: 'rejected', reason: { code: 'InternalError', statusCode: 500 } },
    { status: 'fulfilled', value: 'sent' },
    { status: 'rejected', reason: { code: 'NoAnswer' } },
  ]);
  const transient = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? isTransient(outcome.reason) : undefined,
  );
  expect(transient).toEqual([false, true, undefined, true]);
});

test('maps the error of an entry to an outcome', () => {
  const answer = { Failed: [{ Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true }] };
  expect(
    entryOutcomes<string>('DeleteMessageBatch', 1, answer, 'done', ({ code }) => code),
  ).toEqual([{ status: 'fulfilled', value: 'ReceiptHandleIsInvalid' }]);
});
