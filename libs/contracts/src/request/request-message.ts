import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from './request-id.ts';
import { requestOptionsSchema } from './request-options.ts';

/**
 * The size up to which an image travels in its message too, in bytes. With base64 and the other fields such a message
 * stays within 64 KiB, which SQS bills as one.
 */
export const MAX_INLINE_IMAGE_BYTES = 47_000;

/** A message on the request queue. The image is in the input bucket. */
export const requestMessageSchema = z.object({
  v: z.literal(1),
  ...requestOptionsSchema.shape,
  requestId: requestIdSchema,
  /** Key of the image in the input bucket. */
  imageKey: z.string().min(1).max(1024),
  /** A copy of a small image, in base64: the worker does not have to fetch it. */
  image: z.string().optional(),
  /** URL of the reply queue; absent if no gateway waits for the result. */
  replyTo: z.url().optional(),
  submittedAt: z.iso.datetime(),
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
