import { makeProblem, type Problem, type ProblemCode } from '@labelfleet/contracts';

/** Why a request is not served: what becomes a problem document once its request id is put to it. */
export interface Refusal {
  kind: 'refused';
  code: ProblemCode;
  /** What happened this time, and what to do about it. */
  detail: string;
  headers: Readonly<Record<string, string>>;
}

export const refuse = (
  code: ProblemCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ kind: 'refused', code, detail, headers });

/** How soon a caller may repeat what was refused for want of room, a queue or a store. */
const REPEAT_AFTER_SECONDS = 5;

/** @param afterSeconds when to repeat it */
export const refuseOverloaded = (
  detail: string,
  afterSeconds: number = REPEAT_AFTER_SECONDS,
): Refusal => refuse('overloaded', detail, { 'retry-after': String(afterSeconds) });

/** The answer of RFC 9457, with the problem's own status. */
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
