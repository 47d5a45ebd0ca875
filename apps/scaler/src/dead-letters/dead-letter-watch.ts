import type { Queue, QueueSender, ReceivedMessage } from '@labelfleet/aws/queue';
import { isTransient } from '@labelfleet/aws/errors';
import {
  decodeRequestMessage,
  encodeReplyMessage,
  encodeRequestMessage,
  requestIdOf,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { backOff, NO_BACKOFF } from '../act/backoff.ts';
import { judgeDeadLetter } from './judge-dead-letter.ts';
import type { Metrics } from '../metrics.ts';
import type { RequestRecords } from './request-records.ts';

export interface DeadLetterOptions {
  deadLetters: Pick<Queue, 'receive' | 'ack' | 'retryIn'>;
  requests: Pick<Queue, 'send'>;
  replies: QueueSender;
  records: RequestRecords;
  metrics: Pick<Metrics, 'deadLetter'>;
  logger: Logger;
  /** Waits this many milliseconds; rejects when aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Unix milliseconds. */
  now: () => number;
  /** 0 to 1 */
  random: () => number;
}

/** What could not be dealt with comes again after the visibility time-out. */
const RECEIVE = { maxMessages: 10, waitSeconds: 20, visibilityTimeoutSeconds: 60 };

/** How long what is of another version is left alone. */
const ASIDE_SECONDS = 3_600;

/**
 * Answers for what the request queue has given up (P8), until aborted; resolves when what it holds has been
 * dealt with. Killed between any two steps it leaves the message, which comes again and finds what was done.
 */
export async function watchDeadLetters(
  options: DeadLetterOptions,
  signal: AbortSignal,
): Promise<void> {
  const { deadLetters, logger, wait, now, random } = options;
  let backoff = NO_BACKOFF;
  while (!signal.aborted) {
    try {
      const messages = await deadLetters.receive(RECEIVE, signal);
      await Promise.all(messages.map((message) => handleDeadLetter(message, options)));
      backoff = NO_BACKOFF;
    } catch (error) {
      if (signal.aborted) return;
      const level = isTransient(error) ? 'warn' : 'error';
      logger[level]({ event: 'dead_letters.receive-failed', error }, 'dead letters not received');
      backoff = backOff(backoff, now(), random());
      await wait(backoff.notBeforeMs - now(), signal).catch(() => undefined);
    }
  }
}

/** Never rejects: a message that cannot be dealt with now is left for later. */
async function handleDeadLetter(
  message: ReceivedMessage,
  options: DeadLetterOptions,
): Promise<void> {
  const { metrics, logger } = options;
  const { messageId, body } = message;
  const requestId = requestIdOf(body);
  const log = logger.child({ messageId, ...(requestId !== undefined && { requestId }) });
  const decoded = decodeRequestMessage(body);
  try {
    if (decoded.kind === 'decoded') await dealWith(decoded.value, message, options, log);
    else await putAside(message, decoded.reason, requestId, options, log);
  } catch (error) {
    metrics.deadLetter('failed');
    log.error({ event: 'dead_letter.failed', error }, 'dead letter not handled');
  }
}

/** Deletes what names no request. What does is of another version, for whoever understands that. */
async function putAside(
  { body, receipt }: ReceivedMessage,
  reason: string,
  requestId: string | undefined,
  { deadLetters, metrics }: DeadLetterOptions,
  log: Logger,
): Promise<void> {
  const outcome = requestId === undefined ? 'malformed' : 'not-understood';
  log.error(
    { event: 'dead_letter.malformed', outcome, reason, body: body.slice(0, 500) },
    'dead letter is not a request',
  );
  if (requestId === undefined) await deadLetters.ack(receipt);
  else await deadLetters.retryIn(receipt, ASIDE_SECONDS);
  metrics.deadLetter(outcome);
}

async function dealWith(
  request: RequestMessage,
  message: ReceivedMessage,
  { deadLetters, requests, replies, records, metrics, now }: DeadLetterOptions,
  log: Logger,
): Promise<void> {
  const { requestId, imageKey } = request;
  const [standing, record, imageThere] = await Promise.all([
    records.result(requestId),
    records.starts(requestId),
    records.imageThere(imageKey),
  ]);
  const verdict = judgeDeadLetter({ request, standing, record, imageThere }, now());
  switch (verdict.kind) {
    case 'wait':
      await deadLetters.retryIn(message.receipt, delaySeconds(verdict.ms));
      break;
    case 'send-again':
      await requests.send({
        body: encodeRequestMessage(verdict.request),
        attributes: message.attributes,
        groupId: requestId,
        // Another than the first send's: that one may be remembered still (FIFO).
        deduplicationId: `${requestId}-${message.messageId}`,
      });
      await deadLetters.ack(message.receipt);
      break;
    case 'answered-before':
    case 'answer': {
      const result =
        verdict.kind === 'answer' ? await records.storeOnce(verdict.result) : verdict.result;
      await reply(request, result, message, replies);
      await deadLetters.ack(message.receipt);
      break;
    }
  }
  metrics.deadLetter(verdict.kind);
  const problem = verdict.kind === 'answer' ? { problem: verdict.result.problem.type } : {};
  log.warn(
    {
      event: 'dead_letter.handled',
      outcome: verdict.kind,
      attempts: record.starts.length,
      ...problem,
    },
    'dead letter handled',
  );
}

async function reply(
  { replyTo }: RequestMessage,
  result: StoredResult,
  { attributes }: ReceivedMessage,
  replies: QueueSender,
): Promise<void> {
  if (replyTo === undefined) return;
  await replies.send(replyTo, { body: encodeReplyMessage({ v: 1, result }), attributes });
}

/** The longest that SQS keeps a message invisible is 12 hours. */
const delaySeconds = (ms: number) => Math.min(Math.ceil(ms / 1000), 43_200);
