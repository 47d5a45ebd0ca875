import { IDEMPOTENCY_MS, type IdempotencyRecord } from '@labelfleet/contracts';

/**
 * What is to be done about an idempotency key (P10). `claim`: nobody has it, put the record. `ours`: this
 * very request has it, and sends for the first time. `replay`: another request had it first, which is to be
 * repeated. `reused`: another request had it, for another image.
 */
export type Judgement =
  | { kind: 'claim' }
  | { kind: 'ours' }
  | { kind: 'replay'; record: IdempotencyRecord }
  | { kind: 'reused' };

/**
 * @param standing the record in the store; undefined where there is none
 * @param own the record that this request would put: its request id is made for it alone, so that a record
 *   with that id is its own, even where the answer to the put was lost
 */
export function judgeRecord(
  standing: IdempotencyRecord | undefined,
  own: IdempotencyRecord,
): Judgement {
  if (standing === undefined) return { kind: 'claim' };
  if (standing.requestId === own.requestId) return { kind: 'ours' };
  if (Date.parse(own.at) - Date.parse(standing.at) >= IDEMPOTENCY_MS) return { kind: 'claim' };
  return standing.imageSha256 === own.imageSha256
    ? { kind: 'replay', record: standing }
    : { kind: 'reused' };
}
