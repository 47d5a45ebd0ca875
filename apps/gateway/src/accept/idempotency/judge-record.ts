import { IDEMPOTENCY_MS, type IdempotencyRecord } from '@labelfleet/contracts';

/**
 * What to do with an idempotency key (P10). `claim`: no request has it; put the record. `ours`: this request has it
 * and sends for the first time. `replay`: an earlier request has it; repeat that one. `reused`: an earlier request
 * has it, for another image.
 */
export type Judgement =
  | { kind: 'claim' }
  | { kind: 'ours' }
  | { kind: 'replay'; record: IdempotencyRecord }
  | { kind: 'reused' };

/**
 * @param existing the record in the store; undefined if there is none
 * @param own the record that this request would put. No other request has its request id, so a stored record with
 *   that id is its own, even if the response to the put was lost
 */
export function judgeRecord(
  existing: IdempotencyRecord | undefined,
  own: IdempotencyRecord,
): Judgement {
  if (existing === undefined) return { kind: 'claim' };
  if (existing.requestId === own.requestId) return { kind: 'ours' };
  if (Date.parse(own.at) - Date.parse(existing.at) >= IDEMPOTENCY_MS) return { kind: 'claim' };
  return existing.imageSha256 === own.imageSha256
    ? { kind: 'replay', record: existing }
    : { kind: 'reused' };
}

/** A sender that has not begun to send by then gives up. Storing record and image takes 8 s at most. */
export const SEND_WITHIN_MS = 10_000;
/** This long after its claim a sender has either sent or is gone: a send takes 5 s at most. */
export const CLAIM_MS = 15_000;

/** `sending`: it may still send, for `forMs`. `gone`: it failed, died, or took too long and will not send. */
export type Sender = { kind: 'sent' } | { kind: 'gone' } | { kind: 'sending'; forMs: number };

/**
 * The state of the sender that claimed a record.
 * @param gateway the id of this process. Its claim is `gone`: the caller has checked that it sends nothing for this record now
 * @param now Unix milliseconds. A claim in the future comes from a clock that cannot be compared; it counts as expired
 */
export function judgeSender(
  { claim, sentAt }: IdempotencyRecord,
  gateway: string,
  now: number,
): Sender {
  if (sentAt !== undefined) return { kind: 'sent' };
  if (claim === undefined || claim.gateway === gateway) return { kind: 'gone' };
  const forMs = Date.parse(claim.at) + CLAIM_MS - now;
  return forMs > 0 && forMs <= 2 * CLAIM_MS ? { kind: 'sending', forMs } : { kind: 'gone' };
}
