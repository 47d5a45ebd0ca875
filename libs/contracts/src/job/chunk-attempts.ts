import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import {
  judgeAttempts,
  recordedAttemptSchema,
  type AttemptsVerdict,
} from '../request/attempt-record.ts';

const chunkAttemptSchema = recordedAttemptSchema.extend({
  /** Which image of the chunk it attempts, from 0. */
  image: z.int().min(0),
});
export type ChunkAttempt = z.infer<typeof chunkAttemptSchema>;

/**
 * The attempts at the images of a chunk from its second delivery on, when its images are attempted one at a time.
 * Changed only by compare-and-set. Each worker has one entry, which it moves from image to image, so that an entry whose
 * worker died names the image that it attempted.
 */
export const chunkAttemptsSchema = z.object({
  v: z.literal(1),
  attempts: z.array(chunkAttemptSchema),
});
export type ChunkAttempts = z.infer<typeof chunkAttemptsSchema>;

export const chunkAttemptsCodec = {
  decode: (text: string): Decoded<ChunkAttempts> => decodeJson(chunkAttemptsSchema, text),
  encode: (record: ChunkAttempts): string => JSON.stringify(record),
};

/**
 * Whether another attempt at an image of the chunk is allowed: as for a request (P4).
 * @param now Unix milliseconds
 */
export function judgeChunkAttempts(
  { v, attempts }: ChunkAttempts,
  image: number,
  now: number,
): AttemptsVerdict {
  return judgeAttempts({ v, attempts: attempts.filter((each) => each.image === image) }, now);
}
