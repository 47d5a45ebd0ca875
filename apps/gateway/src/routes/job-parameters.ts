import * as z from 'zod';
import { classifyHeaders, wholeNumber } from './parameters.ts';

export const jobHeaders = classifyHeaders.pick({
  'Idempotency-Key': true,
  Notify: true,
  traceparent: true,
});

const MOST_LISTED = 100;

export const jobListQuery = z.object({
  limit: wholeNumber({ min: 1, max: MOST_LISTED })
    .default(20)
    .meta({ description: 'How many jobs to list' }),
  after: z.uuidv7('must be the id of a job').optional().meta({
    description: 'Continue after this job, with older ones.',
  }),
});

export const jobLinesQuery = z.object({
  format: z
    .enum(['jsonl', 'csv'], 'must be jsonl or csv')
    .default('jsonl')
    .meta({ description: 'JSON lines as they are stored, or CSV by RFC 4180' }),
});
