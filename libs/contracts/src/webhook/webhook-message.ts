import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from '../request/request-id.ts';
import { requestOptionsSchema, type RequestOptions } from '../request/request-options.ts';

export const webhookTypeSchema = z.enum([
  'classification.completed',
  'batch.completed',
  'job.completed',
]);
export type WebhookType = z.infer<typeof webhookTypeSchema>;

/** A message on the outbox queue: a gateway is to send this webhook. */
export const webhookMessageSchema = z.object({
  v: z.literal(1),
  type: webhookTypeSchema,
  /** Id of the request, the batch or the job. One of a batch is sent for each of its requests that completes. */
  id: requestIdSchema,
  /** Name of the receiver. */
  receiver: requestOptionsSchema.shape.notify.unwrap(),
});
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;

export const decodeWebhookMessage = (text: string): Decoded<WebhookMessage> =>
  decodeJson(webhookMessageSchema, text);
export const encodeWebhookMessage = (message: WebhookMessage): string => JSON.stringify(message);

/** The message to send when a request has its result (P3); undefined if its caller chose no receiver. */
export function webhookMessageOf({
  requestId,
  notify,
  batchId,
}: Pick<RequestOptions, 'notify' | 'batchId'> & { requestId: string }): WebhookMessage | undefined {
  if (notify === undefined) return undefined;
  return batchId === undefined
    ? { v: 1, type: 'classification.completed', id: requestId, receiver: notify }
    : { v: 1, type: 'batch.completed', id: batchId, receiver: notify };
}

/** The `webhook-id` header: the same on every try, so that a receiver recognizes a repeated webhook. */
export const webhookId = ({ type, id }: Pick<WebhookMessage, 'type' | 'id'>): string =>
  `${type.slice(0, -'.completed'.length)}_${id}`;
