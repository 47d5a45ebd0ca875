import * as z from 'zod';

import type { RawClient } from './raw-client.ts';
import { BATCH, BODY, OBJECT, type Workload } from './workloads.ts';

const received = z.object({
  Messages: z.array(z.object({ ReceiptHandle: z.string() })).default([]),
});

const send = Array.from({ length: BATCH }, (_, id) => ({ Id: String(id), MessageBody: BODY }));

export const rawWorkload = (client: RawClient): Workload<string> => ({
  send: async (QueueUrl) => {
    await client.sqs('SendMessage', { QueueUrl, MessageBody: BODY });
  },
  sendBatch: async (QueueUrl) => {
    await client.sqs('SendMessageBatch', { QueueUrl, Entries: send });
  },
  receive: async (QueueUrl, MaxNumberOfMessages) => {
    const answer = await client.sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages });
    return received.parse(answer).Messages.map(({ ReceiptHandle }) => ReceiptHandle);
  },
  remove: async (QueueUrl, ReceiptHandle) => {
    await client.sqs('DeleteMessage', { QueueUrl, ReceiptHandle });
  },
  removeBatch: async (QueueUrl, receipts) => {
    const Entries = receipts.map((ReceiptHandle, id) => ({ Id: String(id), ReceiptHandle }));
    await client.sqs('DeleteMessageBatch', { QueueUrl, Entries });
  },
  put: async (bucket, key) => {
    await client.s3('PUT', `/${bucket}/${key}`, OBJECT);
  },
  get: async (bucket, key) => {
    await client.s3('GET', `/${bucket}/${key}`);
  },
});
