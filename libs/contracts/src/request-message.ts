import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';
import { requestIdSchema } from './request-id.ts';

/** How many predictions a result has unless the caller asks for another number. */
export const DEFAULT_TOP_K = 5;
export const MAX_TOP_K = 10;

/**
 * The size up to which an image travels in its message too, in bytes. With base64 and the other fields such a message
 * stays within 64 KiB, which SQS bills as one.
 */
export const MAX_INLINE_IMAGE_BYTES = 47_000;

/** A message on the request queue. The image is in the input bucket. */
export const requestMessageSchema = z.object({
  v: z.literal(1),
  requestId: requestIdSchema,
  /** Key of the image in the input bucket. */
  imageKey: z.string().min(1).max(1024),
  /** A copy of a small image, in base64: the worker does not have to fetch it. */
  image: z.string().optional(),
  /** The file name that the caller sent; absent if there was none. */
  fileName: z.string().min(1).max(255).optional(),
  topK: z.int().min(1).max(MAX_TOP_K),
  /** URL of the reply queue; absent if no gateway waits for the result. */
  replyTo: z.url().optional(),
  submittedAt: z.iso.datetime(),
  /** The caller does not want the result after this time (P9). */
  deadlineAt: z.iso.datetime().optional(),
  /** True on every send after the first for the same request (P7). */
  resent: z.literal(true).optional(),
});
export type RequestMessage = z.infer<typeof requestMessageSchema>;

export const decodeRequestMessage = (text: string): Decoded<RequestMessage> =>
  decodeJson(requestMessageSchema, text);
export const encodeRequestMessage = (message: RequestMessage): string => JSON.stringify(message);

const requestIdOnly = z.object({ requestId: requestIdSchema });

/** The request id of a message of an unknown form; undefined if it has none. */
export function requestIdOf(text: string): string | undefined {
  const decoded = decodeJson(requestIdOnly, text);
  return decoded.kind === 'decoded' ? decoded.value.requestId : undefined;
}
