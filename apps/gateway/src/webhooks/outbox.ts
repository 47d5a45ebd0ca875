import type { Queue } from '@labelfleet/aws/queue';
import { encodeWebhookMessage, webhookMessageOf, type RequestOptions } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';

/** Where webhook messages are sent when this gateway completes a request. */
export interface Outbox {
  /**
   * Sends the webhook message of a request whose result this gateway stored. Never rejects: the request's message is
   * still on its queue, and the worker that receives it sends the webhook message in any case (P3).
   */
  notify(
    request: Pick<RequestOptions, 'notify' | 'batchId'> & { requestId: string },
    log: Logger,
  ): Promise<void>;
}

export const createOutbox = (queue: Pick<Queue, 'send'> | undefined): Outbox => ({
  async notify(request, log) {
    const message = webhookMessageOf(request);
    if (message === undefined || queue === undefined) return;
    try {
      await queue.send({ body: encodeWebhookMessage(message) });
    } catch (error) {
      log.warn(
        { event: 'webhook.send-failed', error, webhook: message },
        'webhook message not sent, a worker will send it',
      );
    }
  },
});
