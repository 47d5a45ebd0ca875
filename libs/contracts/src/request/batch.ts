import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { problemSchema } from '../result/problem-types.ts';
import { requestIdSchema } from './request-id.ts';
import { requestOptionsSchema } from './request-options.ts';

/** The most images that one batch accepts, and the most classifications that one gathers. */
export const MAX_BATCH_IMAGES = 100;
export const MAX_GATHERED = 1_000;

export const customIdSchema = z.string().min(1).max(255);

const itemFields = {
  /** The caller's own id for the image. */
  customId: customIdSchema.optional(),
  fileName: requestOptionsSchema.shape.fileName,
  /** SHA-256 of the uploaded file, hex, to recognise it in a repeat; absent if the batch has no idempotency key. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};

/** One image of a batch: its request, or the problem for which it was refused on arrival. */
export const batchItemSchema = z.union([
  z.object({ ...itemFields, requestId: requestIdSchema }),
  z.object({ ...itemFields, problem: problemSchema }),
]);
export type BatchItem = z.infer<typeof batchItemSchema>;

/** The images of a batch, in the order of their arrival. Written once, when all have arrived. */
export const storedBatchSchema = z.object({
  v: z.literal(1),
  /** A UUIDv7, like a request id. */
  id: requestIdSchema,
  /** The caller who may see it; absent: everybody may. */
  caller: requestOptionsSchema.shape.caller,
  notify: requestOptionsSchema.shape.notify,
  items: z.array(batchItemSchema).min(1).max(MAX_GATHERED),
});
export type StoredBatch = z.infer<typeof storedBatchSchema>;

export const decodeStoredBatch = (text: string): Decoded<StoredBatch> =>
  decodeJson(storedBatchSchema, text);
export const encodeStoredBatch = (batch: StoredBatch): string => JSON.stringify(batch);
export const storedBatchCodec = { decode: decodeStoredBatch, encode: encodeStoredBatch };
