import type { Table } from './case.ts';
import { describeTable } from './ec2/describe.ts';
import { lifeTable } from './ec2/life.ts';
import { runTable } from './ec2/run.ts';
import { thingsTable } from './ec2/things.ts';
import { policiesTable } from './iam/policies.ts';
import { launchPoliciesTable } from './iam/launches.ts';
import { bucketsTable } from './s3/buckets.ts';
import { checksumsTable } from './s3/checksums.ts';
import { conditionsTable } from './s3/conditions.ts';
import { copiesTable } from './s3/copies.ts';
import { listingTable } from './s3/listing.ts';
import { multipartTable } from './s3/multipart.ts';
import { objectsTable } from './s3/objects.ts';
import { presignedTable } from './s3/presigned.ts';
import { batchesTable } from './sqs/batches.ts';
import { createQueueTable } from './sqs/create-queue.ts';
import { deadLettersTable } from './sqs/dead-letters.ts';
import { fifoTable } from './sqs/fifo.ts';
import { longPollsTable } from './sqs/long-polls.ts';
import { messagesTable } from './sqs/messages.ts';
import { queuesTable } from './sqs/queues.ts';
import { receiptsTable } from './sqs/receipts.ts';
import { refusedMessagesTable } from './sqs/refused-messages.ts';

export const sqsTables: readonly Table[] = [
  createQueueTable,
  queuesTable,
  messagesTable,
  refusedMessagesTable,
  longPollsTable,
  receiptsTable,
  batchesTable,
  fifoTable,
  deadLettersTable,
];

export const s3Tables: readonly Table[] = [
  objectsTable,
  conditionsTable,
  checksumsTable,
  multipartTable,
  copiesTable,
  listingTable,
  bucketsTable,
  presignedTable,
];

export const ec2Tables: readonly Table[] = [lifeTable, runTable, describeTable, thingsTable];

export const iamTables: readonly Table[] = [policiesTable, launchPoliciesTable];

export const allTables: readonly Table[] = [...sqsTables, ...s3Tables, ...ec2Tables, ...iamTables];
