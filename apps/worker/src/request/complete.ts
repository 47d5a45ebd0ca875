import type { Queue, QueueSender } from '@labelfleet/aws/queue';
import { encodeReplyMessage, type StoredResult } from '@labelfleet/contracts';
import { traceOf, type Delivery } from './delivery.ts';
import type { ResultStore } from './result-store.ts';

export interface CompleteDeps {
  queue: Pick<Queue, 'ack'>;
  replies: QueueSender;
  results: ResultStore;
}

/**
 * Completes a request: stores its result, unless another is stored already, then replies with the stored one,
 * then deletes the message (P2, P3).
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
 * Replies with a result that is stored, then deletes the request's message (P3). Rejects when the reply
 * could not be sent; a message that could not be deleted comes again and finds the result.
 */
export async function replyAndDelete(
  delivery: Delivery,
  stored: StoredResult,
  { queue, replies }: Omit<CompleteDeps, 'results'>,
): Promise<void> {
  const { request, message, hold, log } = delivery;
  const { replyTo } = request;
  const reply =
    replyTo === undefined
      ? 'nobody-waits'
      : await delivery.inPlace('reply', () =>
          replies.send(replyTo, {
            body: encodeReplyMessage({ v: 1, result: stored }),
            attributes: traceOf(message),
          }),
        );
  if (hold.lapsed()) {
    log.warn({ reply }, 'answered, not deleted: others may have the message by now');
    return;
  }
  const deletion = await delivery.inPlace('delete', () => queue.ack(message.receipt));
  log.info({ reply, deletion, ...summary(stored) }, 'answered');
}

function summary(result: StoredResult) {
  const { status, attempts, worker } = result;
  return result.status === 'succeeded'
    ? { status, attempts, worker, label: result.label, timings: result.timings }
    : { status, attempts, worker, problem: result.problem.type, detail: result.problem.detail };
}
