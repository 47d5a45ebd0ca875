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

/** A sender gives up what it has not begun to send by then. Storing record and image takes 8 s at most. */
export const SEND_WITHIN_MS = 10_000;
/** From its claim on, until a sender has surely sent or is gone: a send takes 5 s at most. */
export const CLAIM_MS = 15_000;

/** `sending`: it may still send for so long. `gone`: it has failed, died, or taken too long to send any more. */
export type Sender = { kind: 'sent' } | { kind: 'gone' } | { kind: 'sending'; forMs: number };

/**
 * What has become of the one who set out to send the message of a record.
 * @param gateway this process, which knows that none of its own requests is sending it now
 * @param now Unix milliseconds. A claim from the future is of a clock that cannot be compared: it counts as over
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
