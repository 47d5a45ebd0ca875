import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { completeNext } from './fake-worker.ts';
import { startProcess } from './gateway-process.ts';

const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };

/** Gateway processes that share a cloud, with another request queue for each test. */
export function useGateways() {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud();
    for (const bucket of Object.values(BUCKETS)) await cloud.createBucket(bucket);
  });
  afterAll(() => cloud[Symbol.asyncDispose]());

  let queues = 0;
  let requestQueueUrl: string;
  beforeEach(async () => {
    queues += 1;
    requestQueueUrl = await cloud.createQueue(`requests-${queues}`);
  });

  const replyQueuePrefix = () => `replies-${queues}-`;
  return {
    cloud: () => cloud,
    replyQueuePrefix,
    start: () =>
      startProcess({
        ...cloud.environment,
        ...BUCKETS,
        REQUEST_QUEUE_URL: requestQueueUrl,
        REPLY_QUEUE_PREFIX: replyQueuePrefix(),
        PORT: '0',
      }),
    /** The number of requests that wait for a worker. */
    waiting: async () => (await cloud.sqs.queue(requestQueueUrl).depth()).visible,
    /** Handles one request as a worker does. */
    completeNext: (signal?: AbortSignal) =>
      completeNext(
        cloud,
        { requestQueueUrl, inputBucket: 'input', outputBucket: 'output' },
        signal,
      ),
  };
}
