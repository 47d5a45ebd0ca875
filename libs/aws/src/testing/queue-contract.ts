import { beforeAll, describe } from 'vitest';
import type { SqsConnection } from '../queue/connect-sqs.ts';
import { deletedQueueCases, queueAdminCases } from './queue-contract/admin-cases.ts';
import type { QueueBench, QueueKind } from './queue-contract/bench.ts';
import { deliveryCases } from './queue-contract/delivery-cases.ts';
import { fifoQueueCases, standardQueueCases } from './queue-contract/kind-cases.ts';
import { visibilityCases } from './queue-contract/visibility-cases.ts';

export interface QueueSubject extends AsyncDisposable {
  sqs: SqsConnection;
  /** Creates a queue and resolves with its URL. */
  createQueue(name: string): Promise<string>;
}

const KINDS: readonly QueueKind[] = [
  { kind: 'standard', suffix: '', message: (body) => ({ body }) },
  {
    kind: 'FIFO',
    suffix: '.fifo',
    message: (body) => {
      // Ids may contain only letters, digits and punctuation.
      const id = Buffer.from(body).toString('hex');
      return { body, groupId: id, deduplicationId: id };
    },
  },
];

/** Test cases that every implementation of Queue must pass. Each case uses its own queue, so they run concurrently. */
export function queueContract(start: () => Promise<QueueSubject>): void {
  let subject: QueueSubject;
  let count = 0;
  beforeAll(async () => {
    subject = await start();
    return () => subject[Symbol.asyncDispose]();
  });

  const bench: QueueBench = {
    sqs: () => subject.sqs,
    newQueue: async (suffix = '') => {
      count += 1;
      return subject.sqs.queue(await subject.createQueue(`contract-${count}${suffix}`));
    },
  };

  describe.concurrent.each(KINDS)('a $kind queue', (kind) => {
    deliveryCases(bench, kind);
    visibilityCases(bench, kind);
  });
  standardQueueCases(bench);
  fifoQueueCases(bench);
  deletedQueueCases(bench);
  queueAdminCases(bench);
}
