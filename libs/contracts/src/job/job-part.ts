import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { predictionSchema } from '../result/classification.ts';
import { problemSchema } from '../result/problem-types.ts';

const lineFields = {
  /** `s3://bucket/key`; absent for a line of the manifest that names no image. */
  image: z.string().optional(),
  /** The caller's own id for the image. */
  id: z.string().optional(),
};

/** The result of one image of a job: a line of a part. */
export const jobLineSchema = z.discriminatedUnion('status', [
  z.object({
    ...lineFields,
    status: z.literal('succeeded'),
    /** Null if the model is not as sure as the caller demands; then `unknown` is true. */
    label: z.string().nullable(),
    unknown: z.literal(true).optional(),
    score: z.number().min(0).max(1),
    /** Best first; absent if the caller wants only the best. */
    predictions: z.array(predictionSchema).optional(),
  }),
  z.object({
    ...lineFields,
    status: z.literal('failed'),
    /** Number of the manifest's line, where it names no image. */
    line: z.int().min(1).optional(),
    problem: problemSchema,
  }),
]);
export type JobLine = z.infer<typeof jobLineSchema>;

export const decodeJobLine = (text: string): Decoded<JobLine> => decodeJson(jobLineSchema, text);
/** Without its newline. */
export const encodeJobLine = (line: JobLine): string => JSON.stringify(line);

const count = z.int().min(0);

/** What a part, a page or a job consists of. */
export const jobCountsSchema = z.object({
  succeeded: count,
  failed: count,
  /** Not classified, because the job was stopped. */
  skipped: count,
  /** The machine time and the calls, in billionths of a dollar; null if a price is not known. */
  nanoUsd: count.nullable(),
  /** The machine time of its images, in milliseconds. */
  busyMs: count,
});
export type JobCounts = z.infer<typeof jobCountsSchema>;

export const NO_COUNTS: JobCounts = { succeeded: 0, failed: 0, skipped: 0, nanoUsd: 0, busyMs: 0 };

export const addCounts = (a: JobCounts, b: JobCounts): JobCounts => ({
  succeeded: a.succeeded + b.succeeded,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  nanoUsd: a.nanoUsd === null || b.nanoUsd === null ? null : a.nanoUsd + b.nanoUsd,
  busyMs: a.busyMs + b.busyMs,
});

export const imagesOf = ({ succeeded, failed, skipped }: JobCounts): number =>
  succeeded + failed + skipped;

/** What is known of a part without reading its lines. */
export const partSummarySchema = jobCountsSchema.extend({
  v: z.literal(1),
  /** Instance id. */
  worker: z.string(),
  /** Name and version; absent where nothing was classified. */
  model: z.string().optional(),
});
export type PartSummary = z.infer<typeof partSummarySchema>;

const METADATA_KEY = 'labelfleet-part';

/** The summary of a part as the metadata of its object. */
export const partMetadata = (summary: PartSummary): Record<string, string> => ({
  [METADATA_KEY]: JSON.stringify(summary),
});
export const readPartMetadata = (
  metadata: Readonly<Record<string, string>>,
): Decoded<PartSummary> => decodeJson(partSummarySchema, metadata[METADATA_KEY] ?? '');
