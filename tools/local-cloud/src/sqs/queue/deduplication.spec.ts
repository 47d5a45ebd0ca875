import { expect, test } from 'vitest';

import { Deduplication } from './deduplication.ts';

const nothing = () => {};

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
test('remembers an id for five minutes from its first message, not from the next', () => {
  const sent = new Deduplication({ save: nothing, remove: nothing }, []);
  sent.remember('id', { messageId: 'first', sequence: 1 }, 1_000);
  expect(sent.find('id', 300_999)).toMatchObject({ messageId: 'first' });
  expect(sent.find('id', 301_000)).toBeUndefined();
});
