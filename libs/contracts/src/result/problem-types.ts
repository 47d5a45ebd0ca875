import * as z from 'zod';

/** All problems: their HTTP status and title (RFC 9457). */
export const PROBLEMS = {
  'missing-image': { status: 400, title: 'No image was sent' },
  'invalid-parameter': { status: 400, title: 'A parameter or header is out of range' },
  'malformed-request': { status: 400, title: 'The request does not follow HTTP' },
  unauthorized: { status: 401, title: 'A valid API key is needed' },
  forbidden: { status: 403, title: 'The operator does not allow that' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'not-acceptable': { status: 406, title: 'No representation of that type is offered' },
  'request-timeout': { status: 408, title: 'The request came too slowly' },
  canceled: { status: 409, title: 'The request was canceled' },
  'payload-too-large': { status: 413, title: 'The upload is over the limit' },
  'too-many-images': { status: 413, title: 'The batch holds too many images' },
  'unsupported-media-type': { status: 415, title: 'The media type or encoding is not supported' },
  'expectation-failed': { status: 417, title: 'The expectation cannot be met' },
  'invalid-image': { status: 422, title: 'The image cannot be decoded' },
  'job-over-limit': { status: 422, title: 'The job is larger than allowed' },
  'invalid-line': { status: 422, title: 'The line of the manifest names no image' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key came with other bytes' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'budget-exceeded': { status: 429, title: 'The daily budget is spent' },
  'headers-too-large': { status: 431, title: 'The request line and headers are too large' },
  'attempts-exhausted': { status: 500, title: 'Every attempt to classify the image failed' },
  'image-missing': { status: 500, title: 'The stored image is gone' },
  'internal-error': { status: 500, title: 'The gateway failed' },
  'not-implemented': { status: 501, title: 'The gateway cannot do that' },
  overloaded: { status: 503, title: 'The request cannot be served in time' },
  'deadline-exceeded': {
    status: 504,
    title: 'The deadline passed before the image was classified',
  },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

const PROBLEM_URN = 'urn:labelfleet:problem:';

/** An RFC 9457 problem document. `type` ends in the problem's code. */
export const problemSchema = z.object({
  type: z.templateLiteral([PROBLEM_URN, z.enum(Object.keys(PROBLEMS) as [ProblemCode])]),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What is wrong with this request, and what to do. */
  detail: z.string(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

export function makeProblem(code: ProblemCode, requestId: string, detail: string): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `${PROBLEM_URN}${code}`, title, status, detail, requestId };
}

export function problemCode(problem: Problem): ProblemCode {
  return problem.type.slice(PROBLEM_URN.length) as ProblemCode;
}
