import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

/** Unix milliseconds by the clock of the scaler that wrote the object. */
const unixMs = z.number();

/**
 * The progress of the sweep for requests without a message: one object in the state bucket, so that a new leader
 * continues from there.
 */
export const requestSweepSchema = z.object({
  v: z.literal(1),
  /** Since when every tick has found the request queue empty; null: at the last tick it was not empty. */
  emptySinceMs: unixMs.nullable(),
  /** Key in the input bucket: every request up to it is completed. */
  completedUpTo: z.string(),
  /** When the last pass over the later images started. */
  passStartedAtMs: unixMs.nullable(),
  /** When a message was last resent. */
  resentAtMs: unixMs.nullable(),
  /** The pass in progress. */
  pass: z
    .object({
      /** The pass covers images stored before this time; one without a result has no message. */
      untilMs: unixMs,
      /** The pass has checked every image up to this key. */
      after: z.string(),
      /** True once the pass has found an image without a result: `completedUpTo` must stay before it. */
      foundIncomplete: z.boolean(),
    })
    .nullable(),
});
export type RequestSweep = z.infer<typeof requestSweepSchema>;

export const decodeRequestSweep = (text: string): Decoded<RequestSweep> =>
  decodeJson(requestSweepSchema, text);
export const encodeRequestSweep = (sweep: RequestSweep): string => JSON.stringify(sweep);
export const requestSweepCodec = { decode: decodeRequestSweep, encode: encodeRequestSweep };
