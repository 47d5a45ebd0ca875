import type { Problem, ProblemCode } from '@labelfleet/contracts';

const PROBLEM_URN = 'urn:labelfleet:problem:';

/** A call has not brought what it asked for. */
export abstract class CallError extends Error {
  /** The answer's Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** labelfleet refused the call, or the image has no label. */
export class ProblemError extends CallError {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  /** What is wrong with this request, and what to do. */
  readonly detail: string;
  readonly requestId: string;
  readonly problem: Problem;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail, { retryAfterMs });
    this.code = problem.type.slice(PROBLEM_URN.length) as ProblemCode;
    this.status = problem.status;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.problem = problem;
  }
}

/** Something else than labelfleet answered, such as a proxy in front of it. */
export class ForeignAnswerError extends CallError {
  override readonly name = 'ForeignAnswerError';
  readonly status: number;

  constructor(status: number, text: string, retryAfterMs?: number) {
    super(`The answer is not labelfleet's: ${status} ${inShort(text)}`.trim(), { retryAfterMs });
    this.status = status;
  }
}

/** No answer came: the connection broke, could not be made, or timed out. `cause` says which. */
export class NoAnswerError extends CallError {
  override readonly name = 'NoAnswerError';
}

/** Whether a repeat of the call can succeed. */
export function isRepeatable(error: CallError): boolean {
  if (error instanceof ProblemError) return [408, 429, 503].includes(error.status);
  if (error instanceof ForeignAnswerError)
    return [408, 425, 429].includes(error.status) || error.status >= 500;
  return error instanceof NoAnswerError;
}

/** The problem document in a response's body. Undefined if it is none of labelfleet's. */
export function parseProblem(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null || !('type' in body)) return undefined;
  const isOurs = typeof body.type === 'string' && body.type.startsWith(PROBLEM_URN);
  return isOurs && 'status' in body && 'detail' in body ? (body as Problem) : undefined;
}

/** The text of an answer without its tags, on one line. */
const inShort = (text: string) =>
  text
    .replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
