import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';
import { requestIdSchema } from '../request/request-id.ts';
import { jobCountsSchema, type JobCounts } from './job-part.ts';
import type { StoredJob } from './job.ts';

/** What a job consists of. Stored as `jobs/<id>/plan.json` when every page is. Written once. */
export const jobPlanSchema = z.object({
  v: z.literal(1),
  pages: z.int().min(1),
  images: z.int().min(0),
  /** Of the images whose size the source names. */
  bytes: z.int().min(0),
  /** True: the job was stopped before the whole source was listed. */
  cut: z.boolean(),
  at: z.iso.datetime(),
});
export type JobPlan = z.infer<typeof jobPlanSchema>;
export const jobPlanCodec = {
  decode: (text: string): Decoded<JobPlan> => decodeJson(jobPlanSchema, text),
  encode: (plan: JobPlan): string => JSON.stringify(plan),
};

/** Why a job stops early. */
export const stopReasonSchema = z.enum(['canceled', 'budget', 'source']);
export type StopReason = z.infer<typeof stopReasonSchema>;

/** Stored as `jobs/<id>/stop.json`. Written once. From then on no chunk is begun: it becomes a skipped part. */
export const jobStopSchema = z.object({
  v: z.literal(1),
  reason: stopReasonSchema,
  /** What happened and what to do. */
  detail: z.string(),
  at: z.iso.datetime(),
});
export type JobStop = z.infer<typeof jobStopSchema>;
export const jobStopCodec = {
  decode: (text: string): Decoded<JobStop> => decodeJson(jobStopSchema, text),
  encode: (stop: JobStop): string => JSON.stringify(stop),
};

/** The end of a job. Stored as `jobs/<id>/summary.json`. Written once: it completes the job. */
export const jobSummarySchema = z.object({
  v: z.literal(1),
  id: requestIdSchema,
  status: z.enum(['succeeded', 'failed', 'canceled']),
  /** Why it failed or was canceled. */
  stop: jobStopSchema.omit({ v: true }).optional(),
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  images: z.int().min(0),
  bytes: z.int().min(0),
  pages: z.int().min(1),
  counts: jobCountsSchema,
});
export type JobSummary = z.infer<typeof jobSummarySchema>;
export const jobSummaryCodec = {
  decode: (text: string): Decoded<JobSummary> => decodeJson(jobSummarySchema, text),
  encode: (summary: JobSummary): string => JSON.stringify(summary),
};

/**
 * The summary of a job whose pages are all done. A stop that came too late to skip anything does not change its status.
 * @param counts of all pages
 */
export function summarizeJob(
  job: Pick<StoredJob, 'id' | 'createdAt'>,
  plan: JobPlan,
  counts: JobCounts,
  stop: JobStop | undefined,
  completedAt: string,
): JobSummary {
  const common = {
    v: 1,
    id: job.id,
    createdAt: job.createdAt,
    completedAt,
    images: plan.images,
    bytes: plan.bytes,
    pages: plan.pages,
    counts,
  } as const;
  if (stop === undefined || (counts.skipped === 0 && !plan.cut))
    return { ...common, status: 'succeeded' };
  const { reason, detail, at } = stop;
  return {
    ...common,
    status: reason === 'canceled' ? 'canceled' : 'failed',
    stop: { reason, detail, at },
  };
}
