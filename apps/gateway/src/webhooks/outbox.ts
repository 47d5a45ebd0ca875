import type { Queue } from '@labelfleet/aws/queue';
import { encodeWebhookMessage, webhookMessageOf, type RequestOptions } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';

/** Where webhook messages are sent when this gateway completes a request. */
export interface Outbox {
  /** Sends the webhook message of a request, if its caller chose a receiver. Rejects when it cannot be sent. */
  send(request: Notified): Promise<void>;
  /**
   * Sends the webhook message of a request whose result this gateway stored. Never rejects: the request's message is
   * still on its queue, and the worker that receives it sends the webhook message in any case (P3).
   */
  notify(request: Notified, log: Logger): Promise<void>;
}

type Notified = Pick<RequestOptions, 'notify' | 'batchId'> & { requestId: string };

export function createOutbox(queue: Pick<Queue, 'send'> | undefined): Outbox {
  const send = async (request: Notified) => {
    const message = webhookMessageOf(request);
    if (message !== undefined) await queue?.send({ body: encodeWebhookMessage(message) });
  };
  return {
    send,
    notify: (request, log) =>
      send(request).catch((error: unknown) =>
        log.warn(
          { event: 'webhook.send-failed', error, webhook: webhookMessageOf(request) },
          'webhook message not sent, a worker will send it',
        ),
      ),
  };
}
