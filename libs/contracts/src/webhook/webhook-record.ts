import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { webhookMessageSchema } from './webhook-message.ts';

/** What is known of a webhook whose last try failed. In the state bucket until a try succeeds. */
export const webhookRecordSchema = z.object({
  v: z.literal(1),
  message: webhookMessageSchema,
  /** Failed tries. */
  tries: z.int().min(1),
  firstTriedAt: z.iso.datetime(),
  lastTriedAt: z.iso.datetime(),
  /** Null: it is in the dead-letter queue. */
  nextTryAt: z.iso.datetime().nullable(),
  /** Why the last try failed. */
  error: z.string(),
});
export type WebhookRecord = z.infer<typeof webhookRecordSchema>;

export const decodeWebhookRecord = (text: string): Decoded<WebhookRecord> =>
  decodeJson(webhookRecordSchema, text);
export const encodeWebhookRecord = (record: WebhookRecord): string => JSON.stringify(record);
export const webhookRecordCodec = { decode: decodeWebhookRecord, encode: encodeWebhookRecord };
