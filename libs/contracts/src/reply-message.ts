import * as z from 'zod';
import { storedResultSchema } from './classification.ts';
import { decodeJson, type Decoded } from './decoded.ts';

/** The outcome of a request, as it travels on a reply queue: the stored result itself, so that nobody fetches it. */
export const replyMessageSchema = z.object({ v: z.literal(1), result: storedResultSchema });
export type ReplyMessage = z.infer<typeof replyMessageSchema>;

export const decodeReplyMessage = (text: string): Decoded<ReplyMessage> =>
  decodeJson(replyMessageSchema, text);
export const encodeReplyMessage = (message: ReplyMessage): string => JSON.stringify(message);
