import {
  problemCode,
  problemSchema,
  requestIdSchema,
  storedResultSchema,
  type Problem,
  type ProblemCode,
  type StoredResult,
} from '@labelfleet/contracts';
import * as z from 'zod';

/** The meaning of an answer of the gateway. */
export type Answer =
  /** The request has a result. */
  | { kind: 'completed'; result: StoredResult }
  /** The request failed or was refused. */
  | { kind: 'problem'; problem: Problem }
  /** Accepted, and no result yet. */
  | { kind: 'queued'; requestId: string }
  /** Not accepted: the client sends it again. */
  | { kind: 'try-again'; problem: Problem }
  /** A body that the gateway must not send. */
  | { kind: 'odd' };

const queued = z.object({ id: requestIdSchema, status: z.literal('queued') });

const AGAIN: readonly ProblemCode[] = ['overloaded', 'rate-limited'];

/** @param body the JSON of the answer */
export function readAnswer(status: number, body: unknown): Answer {
  const waiting = queued.safeParse(body);
  if (waiting.success) return { kind: 'queued', requestId: waiting.data.id };
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const again = AGAIN.includes(problemCode(problem.data));
    return { kind: again ? 'try-again' : 'problem', problem: problem.data };
  }
  // Answers lack the version of the stored form.
  const result = storedResultSchema.safeParse({ v: 1, ...asObject(body) });
  return status === 200 && result.success
    ? { kind: 'completed', result: result.data }
    : { kind: 'odd' };
}

const asObject = (body: unknown): object => (body instanceof Object ? body : {});
