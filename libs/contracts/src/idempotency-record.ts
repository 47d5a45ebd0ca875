import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';
import { MAX_TOP_K } from './request-message.ts';
import { requestIdSchema } from './request-id.ts';

/** How long an idempotency key stands for its first request. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

/**
 * The request that an idempotency key stands for, as it lies in the state bucket (P10): what a replay needs
 * to store the same image at the same key again, and to send the same message.
 */
export const idempotencyRecordSchema = z.object({
  v: z.literal(1),
  requestId: requestIdSchema,
  /** SHA-256 of the image bytes, hex. Not of the body: a multipart boundary changes on every retry. */
  imageSha256: z.string().regex(/^[0-9a-f]{64}$/),
  fileName: z.string().min(1).max(255).optional(),
  topK: z.int().min(1).max(MAX_TOP_K),
  deadlineAt: z.iso.datetime().optional(),
  /** When the key was taken. */
  at: z.iso.datetime(),
  /** Who has last set out to store the image and send the message; absent when that one has failed. */
  claim: z
    .object({
      /** Of the HTTP request, made for it alone: it tells a claim from all others. */
      id: requestIdSchema,
      /** Of the gateway's process. */
      gateway: z.string().min(1),
      at: z.iso.datetime(),
    })
    .optional(),
  /** When the request queue had acknowledged the message. */
  sentAt: z.iso.datetime().optional(),
});
export type IdempotencyRecord = z.infer<typeof idempotencyRecordSchema>;

export const decodeIdempotencyRecord = (text: string): Decoded<IdempotencyRecord> =>
  decodeJson(idempotencyRecordSchema, text);
export const encodeIdempotencyRecord = (record: IdempotencyRecord): string =>
  JSON.stringify(record);
