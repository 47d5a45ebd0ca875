import type { Queue } from '@labelfleet/aws/queue';
import { encodeWebhookMessage, webhookMessageOf, type RequestMessage } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';

/** The outbox queue; undefined if none is configured. */
export type Webhooks = Pick<Queue, 'send'> | undefined;

/**
 * Sends the webhook message of a request (P3), if its caller chose a receiver.
 * @param delaySeconds how long no gateway receives it
 */
export async function notify(
  request: RequestMessage,
  webhooks: Webhooks,
  log: Logger,
  delaySeconds = 0,
): Promise<void> {
  const message = webhookMessageOf(request);
  if (message === undefined) return;
  if (webhooks === undefined)
    log.error(
      { event: 'webhook.not-sent', requestId: request.requestId, webhook: message },
      'webhook message not sent: WEBHOOK_QUEUE_URL is not set',
    );
  else await webhooks.send({ body: encodeWebhookMessage(message), delaySeconds });
}
