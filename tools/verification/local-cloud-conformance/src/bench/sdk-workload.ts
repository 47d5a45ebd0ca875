import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import { BATCH, BODY, OBJECT, type Workload } from './workloads.ts';

const send = Array.from({ length: BATCH }, (_, id) => ({ Id: String(id), MessageBody: BODY }));

export const sdkWorkload = (sqs: SQSClient, s3: S3Client): Workload<string> => ({
  send: async (QueueUrl) => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: BODY }));
  },
  sendBatch: async (QueueUrl) => {
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: send }));
  },
  receive: async (QueueUrl, MaxNumberOfMessages) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }),
    );
    return Messages.map(({ ReceiptHandle = '' }) => ReceiptHandle);
  },
  remove: async (QueueUrl, ReceiptHandle) => {
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  },
  removeBatch: async (QueueUrl, receipts) => {
    const Entries = receipts.map((ReceiptHandle, id) => ({ Id: String(id), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  },
  put: async (Bucket, Key) => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: OBJECT }));
  },
  get: async (Bucket, Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    await Body?.transformToByteArray();
  },
});
