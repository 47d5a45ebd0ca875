import * as z from 'zod';
import type { Tuning } from '../policies/deadline/tuning.ts';
import type { DecisionMemory } from '../decision-memory.ts';
import type { ScalingSettings } from '../decision.ts';
import { POLICY_NAMES } from '../policies/index.ts';

const tuning = z.object({
  priorBootSeconds: z.object({ p50: z.number(), p95: z.number() }),
  priorServiceSeconds: z.number(),
  leastServiceSeconds: z.number(),
  lateBootSeconds: z.number(),
  lateShare: z.number(),
  beta: z.number(),
  keepWithinTarget: z.number(),
  idleWaitsSeconds: z.tuple([z.number()], z.number()),
  firstIdleWaitSeconds: z.number(),
  burstIdleWaitSeconds: z.number(),
  relaunchCostBoots: z.number(),
  leastAgeSeconds: z.number(),
}) satisfies z.ZodType<Tuning>;

export const settingsSchema = z.object({
  policy: z.enum(POLICY_NAMES),
  minWorkers: z.int(),
  maxWorkers: z.int(),
  targetWaitSeconds: z.number(),
  imagesPerWorker: z.number(),
  idleBeforeReleaseSeconds: z.number().optional(),
  roll: z.boolean().optional(),
  tuning: tuning.optional(),
}) satisfies z.ZodType<ScalingSettings>;

export const memorySchema = z.object({
  desired: z.int(),
  unseenSinceMs: z.number().nullable(),
  samples: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
  levels: z.array(
    z.object({
      neededAtMs: z.number(),
      steadyAtMs: z.number().nullable(),
      idleGaps: z.array(z.number()),
    }),
  ),
  jobs: z
    .object({
      workers: z.int().exactOptional(),
      requests: z.object({ completed: z.number(), atMs: z.number(), perSecond: z.number() }),
    })
    .exactOptional(),
}) satisfies z.ZodType<DecisionMemory>;
