import type { SqsConnection } from '@labelfleet/aws/queue';
import type { ObjectStore, S3Connection } from '@labelfleet/aws/store';
import { systemClock, type Logger } from '@labelfleet/runtime';
import { lookup } from 'node:dns';
import { BatchStore } from '../batches/batch-store.ts';
import { configurationFile } from '../configuration-file.ts';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { ResultStore } from '../replies/result-store.ts';
import type { Prices } from '@labelfleet/scaling/cost';
import type { JobLooks } from '../jobs/look/job-looks.ts';
import { OutboxListener } from './outbox-listener.ts';
import { MOST_WAITING, RETRY_TIMES } from './plan-retry.ts';
import { openReceivers } from './receivers.ts';
import { WebhookRecords } from './webhook-records.ts';

interface WebhookDeps {
  sqs: Pick<SqsConnection, 'queue'>;
  s3: Pick<S3Connection, 'store'>;
  state: ObjectStore;
  output: Pick<ObjectStore, 'list'>;
  results: Pick<ResultStore, 'find'>;
  jobLooks: Pick<JobLooks, 'find' | 'look' | 'forgetLook'>;
  prices: Prices;
  basePath: string;
  metrics: Pick<Metrics, 'webhooks'>;
  log: Logger;
}

/**
 * Opens the receivers file. `run` sends webhooks and follows the file's changes.
 * @throws ConfigError if the file cannot be used
 */
export async function openWebhooks(
  { file, outboxUrl, deadLettersUrl, allowLoopback }: NonNullable<Config['webhooks']>,
  { sqs, s3, state, ...deps }: WebhookDeps,
) {
  const receivers = await openReceivers({
    file: configurationFile(file, s3),
    allowLoopback,
    log: deps.log,
  });
  const listener = new OutboxListener({
    ...deps,
    receivers,
    outbox: sqs.queue(outboxUrl),
    deadLetters: sqs.queue(deadLettersUrl),
    records: new WebhookRecords(state),
    batches: new BatchStore(state),
    lookup,
    allowLoopback,
    times: RETRY_TIMES,
    mostWaiting: MOST_WAITING,
    clock: systemClock,
    random: Math.random,
  });
  return {
    receivers,
    run: (signal: AbortSignal) =>
      Promise.all([listener.run(signal), receivers.run(systemClock, signal)]),
  };
}
