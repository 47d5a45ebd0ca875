import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from './request-id.ts';
import { requestOptionsSchema } from './request-options.ts';

/** How long an idempotency key refers to its first request. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

/**
 * The request or batch of an idempotency key, stored in the state bucket (P10). A replay needs it to store the same image
 * under the same key and to send the same message.
 */
export const idempotencyRecordSchema = z.object({
  v: z.literal(1),
  ...requestOptionsSchema.shape,
  requestId: requestIdSchema,
  /**
   * SHA-256 of the image bytes, hex. Not of the body, because a multipart boundary changes on every retry. Of a batch:
   * of its JSON list, or of nothing, because each image of a form has a record.
   */
  imageSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** When the key was first used. */
  at: z.iso.datetime(),
  /** The gateway that last began to store the image and send the message; absent if it failed. */
  claim: z
    .object({
      /** Unique id of the claim, created for one HTTP request. */
      id: requestIdSchema,
      /** Id of the gateway process. */
      gateway: z.string().min(1),
      at: z.iso.datetime(),
    })
    .optional(),
  /** When the request queue acknowledged the message. */
  sentAt: z.iso.datetime().optional(),
});
export type IdempotencyRecord = z.infer<typeof idempotencyRecordSchema>;

export const decodeIdempotencyRecord = (text: string): Decoded<IdempotencyRecord> =>
  decodeJson(idempotencyRecordSchema, text);
export const encodeIdempotencyRecord = (record: IdempotencyRecord): string =>
  JSON.stringify(record);
export const idempotencyRecordCodec = {
  decode: decodeIdempotencyRecord,
  encode: encodeIdempotencyRecord,
};
