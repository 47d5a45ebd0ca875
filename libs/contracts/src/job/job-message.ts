import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from '../request/request-id.ts';

/** A message on the batch queue. */
export const jobMessageSchema = z.discriminatedUnion('type', [
  /** List what of the source is not listed yet, page by page. Once everything is, send what has no part yet. */
  z.object({ v: z.literal(1), type: z.literal('plan'), job: requestIdSchema }),
  /** Classify a chunk of a page. */
  z.object({
    v: z.literal(1),
    type: z.literal('chunk'),
    job: requestIdSchema,
    page: z.int().min(0),
    chunk: z.int().min(0),
    /** True on every send after the first. */
    resent: z.literal(true).optional(),
  }),
]);
export type JobMessage = z.infer<typeof jobMessageSchema>;
export type ChunkMessage = Extract<JobMessage, { type: 'chunk' }>;

export const decodeJobMessage = (text: string): Decoded<JobMessage> =>
  decodeJson(jobMessageSchema, text);
const jobOnly = z.object({ job: requestIdSchema });

/** The job of a message of an unknown form; undefined if it names none. */
export function jobIdOf(text: string): string | undefined {
  const decoded = decodeJson(jobOnly, text);
  return decoded.kind === 'decoded' ? decoded.value.job : undefined;
}

export const encodeJobMessage = (message: JobMessage): string => JSON.stringify(message);
