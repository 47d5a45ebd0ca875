import * as z from 'zod';
import { requestIdSchema } from '../request/request-id.ts';
import { requestOptionsSchema } from '../request/request-options.ts';
import { jobEstimateSchema } from './job-estimate.ts';
import { jobStopSchema } from './job-end.ts';
import { storedJobSchema, type StoredJob } from './job.ts';

const count = z.int().min(0);
const at = z.iso.datetime();

export const jobStatusSchema = z.enum([
  'planning',
  'running',
  'succeeded',
  'failed',
  'canceling',
  'canceled',
]);

/** A job as callers see it: the answer of `GET /v1/jobs/{id}`, and the data of its events and its webhook. */
export const jobViewSchema = z.object({
  id: requestIdSchema,
  status: jobStatusSchema,
  source: z.union([
    z.object({
      prefix: z.string().meta({ description: '`s3://bucket/prefix`' }),
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
    }),
    z.object({ manifest: z.string().meta({ description: '`s3://bucket/key`' }) }),
  ]),
  destination: z.string().meta({ description: 'Where its parts are: `s3://bucket/prefix/id/`' }),
  topK: requestOptionsSchema.shape.topK,
  minPrecision: requestOptionsSchema.shape.minPrecision,
  completeWithinSeconds: storedJobSchema.shape.completeWithinSeconds,
  maxCostUsd: storedJobSchema.shape.maxCostUsd,
  createdAt: at,
  completedAt: at.optional(),
  counts: z.object({
    listed: count.meta({
      description: 'Images found so far; all of them once it is not planning.',
    }),
    succeeded: count,
    failed: count,
    skipped: count.meta({ description: 'Not classified, because the job was stopped.' }),
    remaining: count.nullable().meta({ description: 'Null until all images are listed.' }),
  }),
  imagesPerSecond: z
    .number()
    .min(0)
    .optional()
    .meta({ description: 'Over the last minute. Absent until the gateway has looked twice.' }),
  estimatedCompletion: z.object({ earliest: at, latest: at }).optional(),
  costUsd: z.number().min(0).nullable().meta({
    description:
      'So far, for the time of its images and their calls, without boots; null if a price is not known.',
  }),
  estimate: jobEstimateSchema.optional(),
  stop: jobStopSchema.omit({ v: true }).optional().meta({ description: 'Why it stops early.' }),
  links: z.object({
    self: z.string(),
    events: z.string(),
    results: z.string(),
    errors: z.string(),
    cancel: z.string(),
  }),
});
export type JobView = z.infer<typeof jobViewSchema>;

/** The source of a job as a caller writes it. */
export function sourceAsWritten({ source }: Pick<StoredJob, 'source'>): JobView['source'] {
  if (source.kind === 'manifest') return { manifest: `s3://${source.bucket}/${source.key}` };
  const { bucket, prefix, include, exclude } = source;
  return {
    prefix: `s3://${bucket}/${prefix}`,
    ...(include && { include }),
    ...(exclude && { exclude }),
  };
}
