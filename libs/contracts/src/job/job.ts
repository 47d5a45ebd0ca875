import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from '../request/request-id.ts';
import { requestOptionsSchema } from '../request/request-options.ts';
import { jobEstimateSchema } from './job-estimate.ts';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A bucket, or the part of it whose keys begin with `prefix`. */
export const bucketPartSchema = z.object({
  bucket: z.string().regex(BUCKET),
  /** Empty for the whole bucket. */
  prefix: z.string().max(1024),
});
export type BucketPart = z.infer<typeof bucketPartSchema>;

/** Where the images of a job come from. */
export const jobSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('prefix'),
    ...bucketPartSchema.shape,
    /** Patterns as of `aws s3 cp --include`: `*` also matches a slash. Absent: every key. */
    include: z.array(z.string().min(1).max(1024)).max(100).optional(),
    exclude: z.array(z.string().min(1).max(1024)).max(100).optional(),
  }),
  z.object({
    kind: z.literal('manifest'),
    bucket: z.string().regex(BUCKET),
    key: z.string().min(1).max(1024),
    /** The manifest must not change while the job reads it. */
    etag: z.string(),
    bytes: z.int().min(0),
  }),
]);
export type JobSource = z.infer<typeof jobSourceSchema>;

/** A job, stored as `jobs/<id>/job.json` in the state bucket. Written once. */
export const storedJobSchema = z.object({
  v: z.literal(1),
  /** A UUIDv7, like a request id. */
  id: requestIdSchema,
  caller: requestOptionsSchema.shape.caller,
  notify: requestOptionsSchema.shape.notify,
  createdAt: z.iso.datetime(),
  source: jobSourceSchema,
  topK: requestOptionsSchema.shape.topK,
  minPrecision: requestOptionsSchema.shape.minPrecision,
  /** Workers are launched so that the job completes within this time of its creation. */
  completeWithinSeconds: z.number().positive().optional(),
  /** The job stops when it has cost so much. */
  maxCostUsd: z.number().positive().optional(),
  /** The most images that its caller may have classified; a job whose source has more is stopped (`budget`). */
  maxImages: z.int().min(0).optional(),
  /** Where the parts are stored; `prefix` is empty or ends with a slash. */
  destination: bucketPartSchema,
  /** What the operator allowed jobs to read when this one was created. */
  readable: z.array(bucketPartSchema),
  /** What its price was expected to be; absent where the source was not listed before. */
  estimate: jobEstimateSchema.optional(),
});
export type StoredJob = z.infer<typeof storedJobSchema>;

export const decodeStoredJob = (text: string): Decoded<StoredJob> =>
  decodeJson(storedJobSchema, text);
export const encodeStoredJob = (job: StoredJob): string => JSON.stringify(job);
export const storedJobCodec = { decode: decodeStoredJob, encode: encodeStoredJob };

/** Whether the operator allows jobs to read an object. */
export const isReadable = (
  { readable }: Pick<StoredJob, 'readable'>,
  bucket: string,
  key: string,
): boolean => readable.some((part) => part.bucket === bucket && key.startsWith(part.prefix));
