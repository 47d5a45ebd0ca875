import type { Measured } from './measure.ts';

export const BATCH = 10;

/** About the size of the product's messages. */
export const BODY = JSON.stringify({ requestId: 'r'.repeat(36), key: 'k'.repeat(80), at: 0 });

/** Different bytes, so that nothing compresses them. */
export const OBJECT = Buffer.from(
  Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256),
);

/** The calls for a message and an object with one client. A receipt is the client's argument of a delete. */
export interface Workload<Receipt> {
  send(queueUrl: string): Promise<void>;
  sendBatch(queueUrl: string): Promise<void>;
  receive(queueUrl: string, max: number): Promise<Receipt[]>;
  remove(queueUrl: string, receipt: Receipt): Promise<void>;
  removeBatch(queueUrl: string, receipts: readonly Receipt[]): Promise<void>;
  put(bucket: string, key: string): Promise<void>;
  get(bucket: string, key: string): Promise<void>;
}

type Measure = (
  name: string,
  requests: number,
  call: (lane: number) => Promise<void>,
) => Promise<Measured>;

/** Sends, receives and deletes as many messages as measured requests, so that each receive finds one. */
export async function runWorkload<Receipt>(
  workload: Workload<Receipt>,
  place: { queueUrl: string; bucket: string; requests: number },
  measure: Measure,
): Promise<Measured[]> {
  const { queueUrl, bucket, requests } = place;
  const receipts: Receipt[] = [];
  const batches: Receipt[][] = [];
  const next = <T>(list: T[]): T => {
    const first = list.pop();
    if (first === undefined) throw new Error('no message is left to measure');
    return first;
  };
  return [
    await measure('SQS send', requests, () => workload.send(queueUrl)),
    await measure('SQS receive', requests, async () => {
      receipts.push(...(await workload.receive(queueUrl, 1)));
    }),
    await measure('SQS delete', requests, () => workload.remove(queueUrl, next(receipts))),
    await measure('SQS send, batch of 10', requests, () => workload.sendBatch(queueUrl)),
    await measure('SQS receive, 10 at once', requests, async () => {
      batches.push(await workload.receive(queueUrl, BATCH));
    }),
    await measure('SQS delete, batch of 10', requests, () =>
      workload.removeBatch(queueUrl, next(batches)),
    ),
    await measure('S3 put, 100 KB', requests, (lane) => workload.put(bucket, `object-${lane}`)),
    await measure('S3 get, 100 KB', requests, (lane) => workload.get(bucket, `object-${lane}`)),
  ];
}
