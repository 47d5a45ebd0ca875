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
import { consume, type Clock, type Logger } from '@labelfleet/runtime';
import { judgeDeadLetter } from './judge-dead-letter.ts';
import { notify, type Webhooks } from './notify.ts';
import type { Metrics } from '../metrics.ts';
import type { RequestRecords } from './request-records.ts';

export interface DeadLetterDeps {
  deadLetters: Pick<Queue, 'receive' | 'ack' | 'retryIn'>;
  requests: Pick<Queue, 'send'>;
  replies: QueueSender;
  webhooks: Webhooks;
  records: RequestRecords;
  metrics: Pick<Metrics, 'deadLetter'>;
  log: Logger;
  clock: Pick<Clock, 'unixMs' | 'sleep'>;
  /** 0 to 1 */
  random: () => number;
}

/** A message that fails is delivered again after the visibility timeout. */
const RECEIVE = { maxMessages: 10, waitSeconds: 20, visibilityTimeoutSeconds: 60 };

/** How long a message of another version stays invisible. */
const ASIDE_SECONDS = 3_600;

/**
 * Handles dead letters (P8) until aborted; resolves when the received ones are handled. If it is killed between any
 * two steps, the message is delivered again and finds what was done.
 */
export async function watchDeadLetters(deps: DeadLetterDeps, signal: AbortSignal): Promise<void> {
  const { deadLetters, log, clock, random } = deps;
  const consumer = {
    ...{ clock, random },
    receive: () => deadLetters.receive(RECEIVE, signal),
    handle: async (messages: ReceivedMessage[]) => {
      await Promise.all(messages.map((message) => handleDeadLetter(message, deps)));
    },
    onFailure: (error: unknown) => {
      const level = isTransient(error) ? 'warn' : 'error';
      log[level]({ event: 'dead-letter.receive-failed', error }, 'dead letters not received');
    },
  };
  await consume(consumer, signal);
}

/** Never rejects: a message that fails stays on the queue for later. */
async function handleDeadLetter(message: ReceivedMessage, deps: DeadLetterDeps): Promise<void> {
  const { metrics, log } = deps;
  const { messageId, body } = message;
  const requestId = requestIdOf(body);
  const requestLog = log.child({ messageId, ...(requestId !== undefined && { requestId }) });
  const decoded = decodeRequestMessage(body);
  try {
    if (decoded.kind === 'decoded')
      await resolveDeadLetter(decoded.value, message, deps, requestLog);
    else await setAside(message, decoded.reason, requestId, deps, requestLog);
  } catch (error) {
    metrics.deadLetter('failed');
    requestLog.error({ event: 'dead-letter.failed', error }, 'dead letter not handled');
  }
}

/**
 * Deletes a message without a request id. One with a request id is of another version, and is kept for a scaler of
 * that version.
 */
async function setAside(
  { body, receipt }: ReceivedMessage,
  reason: string,
  requestId: string | undefined,
  { deadLetters, metrics }: DeadLetterDeps,
  requestLog: Logger,
): Promise<void> {
  const outcome = requestId === undefined ? 'malformed' : 'not-understood';
  requestLog.error(
    { event: 'dead-letter.malformed', outcome, reason, body: body.slice(0, 500) },
    'dead letter is not a request',
  );
  if (requestId === undefined) await deadLetters.ack(receipt);
  else await deadLetters.retryIn(receipt, ASIDE_SECONDS);
  metrics.deadLetter(outcome);
}

async function resolveDeadLetter(
  request: RequestMessage,
  message: ReceivedMessage,
  { deadLetters, requests, replies, webhooks, records, metrics, clock }: DeadLetterDeps,
  requestLog: Logger,
): Promise<void> {
  const { requestId, imageKey } = request;
  const [result, record, imageExists] = await Promise.all([
    records.result(requestId),
    records.attempts(requestId),
    records.imageExists(imageKey),
  ]);
  const verdict = judgeDeadLetter({ request, result, record, imageExists }, clock.unixMs());
  switch (verdict.kind) {
    case 'wait':
      await deadLetters.retryIn(message.receipt, delaySeconds(verdict.ms));
      break;
    case 'resend':
      await requests.send({
        body: encodeRequestMessage(verdict.request),
        attributes: message.attributes,
        groupId: requestId,
        // Must differ from the first send's id, which a FIFO queue may still remember.
        deduplicationId: `${requestId}-${message.messageId}`,
      });
      await deadLetters.ack(message.receipt);
      break;
    case 'already-completed':
    case 'complete': {
      const stored =
        verdict.kind === 'complete' ? await records.storeOnce(verdict.result) : verdict.result;
      await reply(request, stored, message, replies);
      await notify(request, webhooks, requestLog);
      await deadLetters.ack(message.receipt);
      break;
    }
  }
  metrics.deadLetter(verdict.kind);
  const problem = verdict.kind === 'complete' ? { problem: verdict.result.problem.type } : {};
  requestLog.warn(
    {
      event: 'dead-letter.handled',
      outcome: verdict.kind,
      attempts: record.attempts.length,
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

/** SQS keeps a message invisible for 12 hours at most. */
const delaySeconds = (ms: number) => Math.min(Math.ceil(ms / 1000), 43_200);
