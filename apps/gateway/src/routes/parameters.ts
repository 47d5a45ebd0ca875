import {
  DEFAULT_TOP_K,
  LEAST_PRECISION,
  MAX_TOP_K,
  MIN_PRECISION_RANGE,
  MOST_PRECISION,
  parseMinPrecision,
} from '@labelfleet/contracts';
import * as z from 'zod';

/** One day. Requests are kept longer (P9), but no caller waits that long. */
const LONGEST_DEADLINE_SECONDS = 86_400;

const minPrecision = z.preprocess(
  (text) => (typeof text === 'string' ? (parseMinPrecision(text) ?? text) : text),
  z.number(MIN_PRECISION_RANGE).min(LEAST_PRECISION).max(MOST_PRECISION),
);

/** The query parameters and headers of a POST that sends images. They validate, and the OpenAPI document lists them. */
export const classifyQuery = z.object({
  topK: wholeNumber({ min: 1, max: MAX_TOP_K })
    .default(DEFAULT_TOP_K)
    .meta({ description: 'How many predictions to return' }),
  minPrecision: minPrecision.optional().meta({
    description:
      'The result has no label unless the model is right at least this often on images of its classes.',
  }),
});

const prefer = z.string().optional().meta({
  description:
    '`wait=N`: wait N seconds at most. `respond-async`: do not wait. Unknown preferences are ignored (RFC 7240).',
});
const traceparent = z.string().optional().meta({ description: 'Trace context (W3C)' });

export const classifyHeaders = z.object({
  Prefer: prefer,
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must have 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'The same key gives the same request and result for 24 hours.' }),
  'X-Deadline-Seconds': wholeNumber({ min: 1, max: LONGEST_DEADLINE_SECONDS })
    .optional()
    .meta({ description: 'Seconds after which the result is of no use.' }),
  Notify: z.string().optional().meta({
    description: 'Name of the webhook receiver that is notified when the request is completed.',
  }),
  traceparent,
});

export const readHeaders = z.object({ Prefer: prefer });

const eventId = z.string().optional();

export const eventQuery = z.object({
  after: eventId.meta({ description: 'The id of the last event that was received.' }),
});

export const eventHeaders = z.object({
  'Last-Event-ID': eventId.meta({ description: 'As `after`, and wins over it.' }),
});

/** A whole number in decimal digits. */
export function wholeNumber({ min, max }: { min: number; max: number }) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text),
    z.int(message).min(min, message).max(max, message),
  );
}
