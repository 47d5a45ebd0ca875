import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

const used = z.object({ images: z.int().min(0), usd: z.number().min(0) });
export type Used = z.infer<typeof used>;

/**
 * What a caller has used on one day. Each gateway process writes only its own part, and writes its whole sum, so that
 * a write that is repeated counts once.
 */
export const callerUsageSchema = z.object({
  v: z.literal(1),
  /** By the id of the gateway process. */
  gateways: z.record(z.string(), used),
});
export type CallerUsage = z.infer<typeof callerUsageSchema>;

export const callerUsageCodec = {
  decode: (text: string): Decoded<CallerUsage> => decodeJson(callerUsageSchema, text),
  encode: (usage: CallerUsage): string => JSON.stringify(usage),
};
