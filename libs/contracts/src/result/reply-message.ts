import * as z from 'zod';
import { storedResultSchema } from './classification.ts';
import { decodeJson, type Decoded } from '../decoded.ts';

/** A message on a reply queue. It contains the stored result, so that the gateway need not fetch it. */
export const replyMessageSchema = z.object({ v: z.literal(1), result: storedResultSchema });
export type ReplyMessage = z.infer<typeof replyMessageSchema>;

export const decodeReplyMessage = (text: string): Decoded<ReplyMessage> =>
  decodeJson(replyMessageSchema, text);
export const encodeReplyMessage = (message: ReplyMessage): string => JSON.stringify(message);
