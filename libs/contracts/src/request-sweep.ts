import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';

/** Milliseconds since the epoch, by the clock of the scaler that wrote it. */
const unixMs = z.number();

/**
 * How far the sweep for requests without a message has come: one object in the state bucket, so that a scaler
 * that takes over goes on from there.
 */
export const requestSweepSchema = z.object({
  v: z.literal(1),
  /** Since when every look has found the request queue empty; null: the last one has not. */
  emptySinceMs: unixMs.nullable(),
  /** Key in the input bucket: every image up to it has its result. */
  completedUpTo: z.string(),
  /** When a pass over the images behind that key last began. */
  passStartedAtMs: unixMs.nullable(),
  /** When a message was last sent again. */
  resentAtMs: unixMs.nullable(),
  /** The pass under way. */
  pass: z
    .object({
      /** The pass covers images that came before: those without a result have no message. */
      untilMs: unixMs,
      /** The pass has dealt with every image up to this key. */
      after: z.string(),
      /** True once the pass has met an image that has no result yet: `completedUpTo` stays before it. */
      foundIncomplete: z.boolean(),
    })
    .nullable(),
});
export type RequestSweep = z.infer<typeof requestSweepSchema>;

export const decodeRequestSweep = (text: string): Decoded<RequestSweep> =>
  decodeJson(requestSweepSchema, text);
export const encodeRequestSweep = (sweep: RequestSweep): string => JSON.stringify(sweep);
