import { makeProblem, type Problem, type ProblemCode } from '@labelfleet/contracts';

/** Why a request is refused. Together with the request id it makes a problem document. */
export interface Refusal {
  kind: 'refused';
  code: ProblemCode;
  /** What is wrong with this request, and what to do. */
  detail: string;
  headers: Readonly<Record<string, string>>;
}

export const refuse = (
  code: ProblemCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ kind: 'refused', code, detail, headers });

/** The Retry-After of a request that was refused for lack of room, or because SQS or S3 failed. */
const REPEAT_AFTER_SECONDS = 5;

/** @param afterSeconds the Retry-After header */
export const refuseOverloaded = (
  detail: string,
  afterSeconds: number = REPEAT_AFTER_SECONDS,
): Refusal => refuse('overloaded', detail, { 'retry-after': String(afterSeconds) });

/** A response by RFC 9457, with the problem's status. */
export const problemResponse = (
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });

export const refusalResponse = (refusal: Refusal, requestId: string): Response =>
  problemResponse(makeProblem(refusal.code, requestId, refusal.detail), refusal.headers);
