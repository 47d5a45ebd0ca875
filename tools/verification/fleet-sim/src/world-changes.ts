import { decodeJson, type Decoded } from '@labelfleet/contracts';
import * as z from 'zod';
import type { WorldChanges } from './world-settings.ts';

const seconds = z.number().min(0).exactOptional();
const share = z.number().min(0).max(1).exactOptional();
const perHour = z.number().min(0).exactOptional();
const count = z.int().min(1).exactOptional();
const period = z.number().positive().exactOptional();

const schema = z.strictObject({
  slots: count,
  threads: count,
  gatewaySeconds: seconds,
  overheadSeconds: seconds,
  pollSeconds: period,
  visibilityTimeoutSeconds: period,
  boot: z
    .strictObject({
      medianSeconds: period,
      logSpread: seconds,
      slowShare: share,
      slowFactor: period,
      failedShare: share,
    })
    .exactOptional(),
  api: z
    .strictObject({
      launchTokens: count,
      launchTokensPerSecond: perHour,
      throttledShare: share,
      errorShare: share,
      listingLagSeconds: seconds,
      endingSeconds: seconds,
      countLagSeconds: seconds,
      reportLagSeconds: seconds,
    })
    .exactOptional(),
  droughts: z
    .array(z.strictObject({ fromSeconds: z.number().min(0), toSeconds: z.number().min(0) }))
    .exactOptional(),
  killsPerHour: perHour,
  spotInterruptionsPerHour: perHour,
  billing: z
    .strictObject({
      instanceType: z.string(),
      usdPerHour: z.number().min(0),
      minimumSeconds: z.number().min(0),
    })
    .exactOptional(),
  minWorkers: z.int().min(0).exactOptional(),
  maxWorkers: count,
  targetWaitSeconds: period,
  tickSeconds: period,
}) satisfies z.ZodType<WorldChanges>;

/** Reads a world's changed settings from JSON. Unknown names are refused, because they would change nothing. */
export const decodeWorldChanges = (text: string): Decoded<WorldChanges> => decodeJson(schema, text);
