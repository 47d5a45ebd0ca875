import * as z from 'zod';

const range = z.object({ low: z.number().min(0), high: z.number().min(0) });

/** What a job is expected to cost and to take. */
export const jobEstimateSchema = z.object({
  images: z.int().min(0),
  /** Absent for a manifest, which names no sizes. */
  bytes: z.int().min(0).optional(),
  /** `false`: the source is larger; images, bytes and what follows from them are of what was counted in time. */
  complete: z.boolean(),
  /** By list prices; null if a price is not known. */
  costUsd: range.extend({ instances: range, boots: range, calls: range }).nullable(),
  /** From now until completion. */
  seconds: range,
  workers: z.int().min(1),
  /** Sentences that say what the figures rest on. */
  basis: z.array(z.string()),
});
export type JobEstimate = z.infer<typeof jobEstimateSchema>;
