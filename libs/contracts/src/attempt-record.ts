import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';

/** How many recorded starts an image is given: with the first, which is free, four (P4). */
export const MAX_RECORDED_ATTEMPTS = 3;

const recordedAttemptSchema = z.object({
  /** Names this start, so that a write that is made again does not count twice. */
  nonce: z.string().min(1),
  /** Instance id. */
  worker: z.string(),
  at: z.iso.datetime(),
  /** From then on the start has surely ended, with an answer or without one. */
  endsAt: z.iso.datetime(),
});
export type RecordedAttempt = z.infer<typeof recordedAttemptSchema>;

/**
 * The starts on the image of one request from its second receive on, as `attempts/<requestId>` in the state
 * bucket. Changed only by compare-and-set. Those that were given back on purpose are taken out again (P5).
 */
export const attemptRecordSchema = z.object({
  v: z.literal(1),
  attempts: z.array(recordedAttemptSchema),
});
export type AttemptRecord = z.infer<typeof attemptRecordSchema>;

export const NO_ATTEMPTS: AttemptRecord = { v: 1, attempts: [] };

export const decodeAttemptRecord = (text: string): Decoded<AttemptRecord> =>
  decodeJson(attemptRecordSchema, text);
export const encodeAttemptRecord = (record: AttemptRecord): string => JSON.stringify(record);

/** Adds a start. One that stands already is put in its own place. */
export const withAttempt = (record: AttemptRecord, start: RecordedAttempt): AttemptRecord => ({
  ...record,
  attempts: [...withoutAttempt(record, start.nonce).attempts, start],
});

/** Takes a start out again. */
export const withoutAttempt = (record: AttemptRecord, nonce: string): AttemptRecord => ({
  ...record,
  attempts: record.attempts.filter((start) => start.nonce !== nonce),
});

/** What the record says to whoever would start on the image next (P4). */
export type AttemptsVerdict =
  | { kind: 'may-start' }
  /** The last start may still bring an answer. */
  | { kind: 'too-early'; waitMs: number }
  /** Every start ended without an answer. */
  | { kind: 'exhausted' };

/** @param now Unix milliseconds */
export function judgeAttempts({ attempts }: AttemptRecord, now: number): AttemptsVerdict {
  if (attempts.length < MAX_RECORDED_ATTEMPTS) return { kind: 'may-start' };
  const waitMs = Math.max(...attempts.map(({ endsAt }) => Date.parse(endsAt))) - now;
  return waitMs > 0 ? { kind: 'too-early', waitMs } : { kind: 'exhausted' };
}
