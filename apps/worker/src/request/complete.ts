import type { Queue, QueueSender } from '@labelfleet/aws/queue';
import {
  encodeReplyMessage,
  encodeWebhookMessage,
  webhookMessageOf,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Delivery } from './delivery.ts';
import type { ResultStore } from './result-store.ts';

/**
 * Nobody waits for the deletion of a message, so it waits for others. The time is well within the margin by which a
 * visibility counts as lapsed before its end.
 */
export const DELETE_LINGER_MS = 250;

export interface CompleteDeps {
  queue: Pick<Queue, 'ack'>;
  replies: QueueSender;
  /** The outbox queue; undefined if none is configured. */
  webhooks: Pick<Queue, 'send'> | undefined;
  results: ResultStore;
}

/**
 * Completes a request: stores its result unless another one is stored already, replies with the stored one,
 * sends the webhook message, then deletes the message (P2, P3).
 */
export async function complete(
  delivery: Delivery,
  result: StoredResult,
  deps: CompleteDeps,
): Promise<void> {
  const stored = await delivery.inPlace('store', () => deps.results.storeOnce(result));
  await replyAndDelete(delivery, stored, deps);
}

/**
 * Replies with the stored result of a request and sends its webhook message, then deletes its message (P3).
 * Rejects when one of the calls fails; the message is then redelivered, and the next worker finds the stored result.
 */
export async function replyAndDelete(
  delivery: Delivery,
  stored: StoredResult,
  { queue, replies, webhooks }: Omit<CompleteDeps, 'results'>,
): Promise<void> {
  const { request, message, extension, log } = delivery;
  const { replyTo } = request;
  const reply =
    replyTo === undefined
      ? 'nobody-waits'
      : await delivery.inPlace('reply', (traceparent) =>
          replies.send(replyTo, {
            body: encodeReplyMessage({ v: 1, result: stored }),
            attributes: traceparent === undefined ? {} : { traceparent },
          }),
        );
  await notify(delivery, webhooks);
  delivery.freeSlot();
  if (extension.lapsed()) {
    log.warn(
      { event: 'message.kept', reply },
      'request completed, message kept: its visibility lapsed, another worker may have it',
    );
    return;
  }
  const deletion = await delivery.inPlace('delete', () => queue.ack(message.receipt));
  log.info(
    { event: 'request.completed', reply, deletion, ...summary(stored) },
    'request completed',
  );
}

async function notify(delivery: Delivery, webhooks: CompleteDeps['webhooks']): Promise<void> {
  const message = webhookMessageOf(delivery.request);
  if (message === undefined) return;
  if (webhooks === undefined) {
    delivery.log.error(
      { event: 'webhook.not-sent', webhook: message },
      'webhook message not sent: WEBHOOK_QUEUE_URL is not set',
    );
    return;
  }
  await delivery.inPlace('notify', () => webhooks.send({ body: encodeWebhookMessage(message) }));
}

function summary(result: StoredResult) {
  const { status, attempts, worker } = result;
  const common = { status, attempts, worker };
  switch (result.status) {
    case 'succeeded':
      return { ...common, label: result.label, timings: result.timings };
    case 'failed':
      return { ...common, problem: result.problem.type, detail: result.problem.detail };
    case 'canceled':
      return common;
  }
}
