import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

/** The most recorded attempts of a request. With the first attempt, which is not recorded, there are four (P4). */
export const MAX_RECORDED_ATTEMPTS = 3;

export const recordedAttemptSchema = z.object({
  /** Identifies this attempt, so that a repeated write does not count it twice. */
  nonce: z.string().min(1),
  /** Instance id. */
  worker: z.string(),
  at: z.iso.datetime(),
  /** The attempt has ended by this time, with or without a result. */
  endsAt: z.iso.datetime(),
});
export type RecordedAttempt = z.infer<typeof recordedAttemptSchema>;

/**
 * The attempts at one request from its second delivery on, stored as `attempts/<requestId>` in the state bucket.
 * Changed only by compare-and-set. An attempt that is interrupted on purpose is withdrawn (P5).
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
export const attemptRecordCodec = { decode: decodeAttemptRecord, encode: encodeAttemptRecord };

/** A record of attempts at a request, or at the images of a chunk. */
export interface AttemptsRecord<A extends RecordedAttempt = RecordedAttempt> {
  v: 1;
  attempts: A[];
}

/** Adds an attempt; replaces one with the same nonce. */
export const withAttempt = <A extends RecordedAttempt>(
  record: AttemptsRecord<A>,
  attempt: A,
): AttemptsRecord<A> => ({
  ...record,
  attempts: [...withoutAttempt(record, attempt.nonce).attempts, attempt],
});

/** Withdraws an attempt. */
export const withoutAttempt = <A extends RecordedAttempt>(
  record: AttemptsRecord<A>,
  nonce: string,
): AttemptsRecord<A> => ({
  ...record,
  attempts: record.attempts.filter((attempt) => attempt.nonce !== nonce),
});

/** Whether another attempt is allowed (P4). */
export type AttemptsVerdict =
  | { kind: 'may-attempt' }
  /** The last attempt may still complete the request. */
  | { kind: 'too-early'; waitMs: number }
  /** Every attempt ended without a result. */
  | { kind: 'exhausted' };

/** @param now Unix milliseconds */
export function judgeAttempts({ attempts }: AttemptRecord, now: number): AttemptsVerdict {
  if (attempts.length < MAX_RECORDED_ATTEMPTS) return { kind: 'may-attempt' };
  const waitMs = Math.max(...attempts.map(({ endsAt }) => Date.parse(endsAt))) - now;
  return waitMs > 0 ? { kind: 'too-early', waitMs } : { kind: 'exhausted' };
}
