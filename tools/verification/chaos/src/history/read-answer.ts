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

/** What an answer of the gateway says. */
export type Told =
  /** The result stands. */
  | { kind: 'settled'; result: StoredResult }
  /** The request failed, or was refused: its problem is all that is told. */
  | { kind: 'problem'; problem: Problem }
  /** Accepted, and no result yet. */
  | { kind: 'queued'; requestId: string }
  /** Not accepted, as far as is known: to be repeated. */
  | { kind: 'try-again'; problem: Problem }
  /** Nothing that a gateway may answer. */
  | { kind: 'odd' };

const queued = z.object({ id: requestIdSchema, status: z.literal('queued') });

const AGAIN: readonly ProblemCode[] = ['overloaded', 'rate-limited'];

/** @param body the JSON of the answer */
export function readAnswer(status: number, body: unknown): Told {
  const waiting = queued.safeParse(body);
  if (waiting.success) return { kind: 'queued', requestId: waiting.data.id };
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const again = AGAIN.includes(problemCode(problem.data));
    return { kind: again ? 'try-again' : 'problem', problem: problem.data };
  }
  // Callers are not told the version of the stored form.
  const result = storedResultSchema.safeParse({ v: 1, ...asObject(body) });
  return status === 200 && result.success
    ? { kind: 'settled', result: result.data }
    : { kind: 'odd' };
}

const asObject = (body: unknown): object => (body instanceof Object ? body : {});
