import type { ProblemCode } from '@labelfleet/contracts';
import type * as z from 'zod';

/** A media type with the component of its body, or an inline schema. */
export type Content = Readonly<
  Record<string, string | { readonly type: 'string' | 'object'; readonly format?: string }>
>;

export interface OperationResponse {
  description: string;
  content?: Content;
  headers?: readonly (keyof typeof RESPONSE_HEADERS)[];
}

/** What `/openapi.json` and `/docs` say about one method of one address. */
export interface Operation {
  summary: string;
  description?: string;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { description: string; content: Content };
  responses: Readonly<Record<number, OperationResponse>>;
  /** The problems it can answer with, besides those of every call. */
  problems?: readonly ProblemCode[];
}

export const RESPONSE_HEADERS = {
  ETag: 'The version of the body, for If-None-Match.',
  'Idempotency-Replayed': '`true`: the result of an earlier request with the same Idempotency-Key.',
  Location: 'Where the result will be.',
  'Preference-Applied': 'What was applied of Prefer.',
  RateLimit: 'What is left of the limits of the API key.',
  'RateLimit-Policy': 'The limits of the API key, in images.',
  'Content-Disposition': 'The name of the file; it has `so-far` while the job is not completed.',
  'Retry-After': 'Seconds after which to ask again.',
  'X-Job-Status': 'The status of the job: the file is whole if it is completed.',
} as const;
