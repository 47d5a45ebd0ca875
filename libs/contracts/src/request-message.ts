import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';
import { requestIdSchema } from './request-id.ts';

/** How many predictions an answer carries unless its caller asks for another number. */
export const DEFAULT_TOP_K = 5;
export const MAX_TOP_K = 10;

/** One image to classify, as it travels on the request queue. The image itself stays in the input bucket. */
export const requestMessageSchema = z.object({
  v: z.literal(1),
  requestId: requestIdSchema,
  /** Key of the image in the input bucket. */
  imageKey: z.string().min(1).max(1024),
  /** The name the caller gave the file, where one was given. */
  fileName: z.string().min(1).max(255).optional(),
  topK: z.int().min(1).max(MAX_TOP_K),
  /** URL of the queue that the reply goes to; absent where nobody waits for one. */
  replyTo: z.url().optional(),
  submittedAt: z.iso.datetime(),
  /** After this time the answer is worthless (P9). */
  deadlineAt: z.iso.datetime().optional(),
  /** Set on every send after the first for the same request (P7). */
  resent: z.literal(true).optional(),
});
export type RequestMessage = z.infer<typeof requestMessageSchema>;

export const decodeRequestMessage = (text: string): Decoded<RequestMessage> =>
  decodeJson(requestMessageSchema, text);
export const encodeRequestMessage = (message: RequestMessage): string => JSON.stringify(message);

const namesRequest = z.object({ requestId: requestIdSchema });

/** The id of a request whose message has a form that is not known here; undefined where it names none. */
export function requestIdOf(text: string): string | undefined {
  const decoded = decodeJson(namesRequest, text);
  return decoded.kind === 'decoded' ? decoded.value.requestId : undefined;
}
