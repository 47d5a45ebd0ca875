import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { problemCode, problemSchema } from './problem-types.ts';
import { requestIdSchema } from '../request/request-id.ts';
import { requestOptionsSchema } from '../request/request-options.ts';

export const predictionSchema = z.object({
  label: z.string(),
  /** Probability, 0 to 1. */
  score: z.number().min(0).max(1),
  classIndex: z.int().min(0),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const modelIdentitySchema = z.object({
  name: z.string(),
  version: z.string(),
  /** SHA-256 of the model file, hex. */
  sha256: z.string(),
});
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

const milliseconds = z.number().min(0);
export const timingsSchema = z.object({
  /** From the gateway's acceptance to the worker's receive, at least 0. The clocks of two machines may differ. */
  queuedMs: milliseconds,
  fetchMs: milliseconds,
  decodeMs: milliseconds,
  inferMs: milliseconds,
  /** From the gateway's acceptance to the result. */
  totalMs: milliseconds,
});
export type Timings = z.infer<typeof timingsSchema>;

const usd = z.number().min(0);

/** The cost of one image by list prices, without boots and idle time of the fleet. */
export const imageCostSchema = z.object({
  currency: z.literal('USD'),
  total: usd,
  /** The worker's time, divided among the images it worked on at the same time. */
  instance: usd,
  /** SQS calls, as if none was batched: an upper bound. */
  queue: usd,
  /** S3 calls. */
  store: usd,
});
export type ImageCost = z.infer<typeof imageCostSchema>;

const resultFields = {
  v: z.literal(1),
  id: requestIdSchema,
  fileName: z.string().optional(),
  /** The caller who may see it; absent: everybody may. */
  caller: requestOptionsSchema.shape.caller,
  submittedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  /**
   * The attempts known to the app that completed the request: its own and the recorded ones. The attempt on the
   * first delivery is not recorded (P4), so there may have been one more. 0: completed without an attempt.
   */
  attempts: z.int().min(0),
  /** Instance id of the worker that completed the request; absent if no worker did. */
  worker: z.string().optional(),
  /** Absent if no worker completed the request, or if a price is not known. */
  cost: imageCostSchema.optional(),
};

export const succeededResultSchema = z.object({
  ...resultFields,
  status: z.literal('succeeded'),
  /** The label of the first prediction; null if the model is not as sure as the caller demands. */
  label: z.string().nullable(),
  /** True exactly when `label` is null. */
  unknown: z.literal(true).optional(),
  /** Best first. */
  predictions: z.array(predictionSchema).min(1),
  model: modelIdentitySchema,
  timings: timingsSchema,
});
export type SucceededResult = z.infer<typeof succeededResultSchema>;

export const failedResultSchema = z.object({
  ...resultFields,
  status: z.literal('failed'),
  problem: problemSchema,
});
export type FailedResult = z.infer<typeof failedResultSchema>;

/** The caller canceled the request before another result was stored. */
export const canceledResultSchema = z.object({ ...resultFields, status: z.literal('canceled') });
export type CanceledResult = z.infer<typeof canceledResultSchema>;

/** The result of a request, stored as `<requestId>.json` in the output bucket. Written once (P2). */
export const storedResultSchema = z.discriminatedUnion('status', [
  succeededResultSchema,
  failedResultSchema,
  canceledResultSchema,
]);
export type StoredResult = z.infer<typeof storedResultSchema>;

export const decodeStoredResult = (text: string): Decoded<StoredResult> =>
  decodeJson(storedResultSchema, text);
export const encodeStoredResult = (result: StoredResult): string => JSON.stringify(result);
export const storedResultCodec = { decode: decodeStoredResult, encode: encodeStoredResult };

/** The result in a word: its label, its problem's code, `unknown` or `canceled`. */
export function resultInShort(result: StoredResult): string {
  switch (result.status) {
    case 'succeeded':
      return result.label ?? 'unknown';
    case 'failed':
      return problemCode(result.problem);
    case 'canceled':
      return 'canceled';
  }
}
