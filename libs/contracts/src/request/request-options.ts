import * as z from 'zod';
import { requestIdSchema } from './request-id.ts';

/** How many predictions a result has unless the caller asks for another number. */
export const DEFAULT_TOP_K = 5;
export const MAX_TOP_K = 10;

export const LEAST_PRECISION = 0.5;
export const MOST_PRECISION = 0.99;
export const MIN_PRECISION_RANGE = `must be a number from ${LEAST_PRECISION} to ${MOST_PRECISION}`;

/** @returns undefined if it is out of range */
export function parseMinPrecision(text: string): number | undefined {
  const precision = /^0?\.\d{1,6}$/.test(text) ? Number(text) : NaN;
  return precision >= LEAST_PRECISION && precision <= MOST_PRECISION ? precision : undefined;
}

/** What a caller chose for a request. Stored with its image, its message and its idempotency record. */
export const requestOptionsSchema = z.object({
  /** The file name that the caller sent; absent if there was none. */
  fileName: z.string().min(1).max(255).optional(),
  topK: z.int().min(1).max(MAX_TOP_K),
  /** Without this share of right answers on held-out images, the result has no label. */
  minPrecision: z.number().min(LEAST_PRECISION).max(MOST_PRECISION).optional(),
  /** The caller does not want the result after this time (P9). */
  deadlineAt: z.iso.datetime().optional(),
  /** The `caller` of the API key; absent if the gateway has no keys. Only this caller sees the request. */
  caller: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  /** Name of the webhook receiver that is notified of the result. */
  notify: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  /** The batch in which the image was sent. */
  batchId: requestIdSchema.optional(),
});
export type RequestOptions = z.infer<typeof requestOptionsSchema>;
