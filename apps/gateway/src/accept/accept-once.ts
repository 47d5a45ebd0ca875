import {
  requestOptionsSchema,
  type IdempotencyRecord,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';
import type {
  IdempotencyKey,
  IdempotencyRecords,
  VersionedRecord,
} from './idempotency/idempotency-records.ts';
import { judgeSender, SEND_WITHIN_MS } from './idempotency/judge-record.ts';
import type { KeyedSends } from './idempotency/keyed-sends.ts';
import type { Metrics } from '../metrics.ts';
import { REPLY_EXPECTED_ELSEWHERE, type Waiter } from '../replies/pending-replies.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import type { ResultStore } from '../replies/result-store.ts';
import { submitRequest, type NewRequest, type SubmitDeps } from './submit-request.ts';

/** A repeat checks the record of a sender in growing intervals: each as long as the wait so far, within these. */
const FIRST_CHECK_MS = 100;
const LONGEST_CHECK_MS = 1_000;

export interface AcceptOnceDeps extends SubmitDeps {
  idempotency: Pick<IdempotencyRecords, 'claim' | 'replace'>;
  /** The sends that this process has begun, by key and image. */
  keyedSends: KeyedSends<KeyedOutcome>;
  results: Pick<ResultStore, 'find'>;
  /** Names this process; the name is never reused. */
  gateway: string;
  /** Milliseconds since the epoch. */
  unixMs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  metrics: SubmitDeps['metrics'] & Pick<Metrics, 'idempotencyKeys'>;
}

/**
 * The outcome of a key's request, for every caller who sent the key. `record` is the record of the request that the
 * response goes by; absent where the response must not reveal it, or none is known.
 */
export type KeyedOutcome =
  | { kind: 'accepted'; record: IdempotencyRecord; waiter: Waiter; repeats: boolean }
  | { kind: 'completed'; record: IdempotencyRecord; result: StoredResult }
  | { kind: 'refused'; record?: IdempotencyRecord; refusal: Refusal }
  | { kind: 'disconnected'; record: IdempotencyRecord };

export interface AcceptScope {
  log: Logger;
  /** Makes a log that names another request id than `log` does. */
  logFor: (requestId: string) => Logger;
  /** Aborted when the client disconnects. */
  signal: AbortSignal;
}

/**
 * Accepts one request for all that carry the same key and image (P10). A repeat sends nothing while the first
 * sender may still send, or has sent; it waits for the same result. It takes over from a sender that is gone, by
 * compare-and-set, so that only one of many repeats does.
 */
export async function acceptOnce(
  deps: AcceptOnceDeps,
  request: NewRequest,
  key: IdempotencyKey,
  scope: AcceptScope,
): Promise<KeyedOutcome> {
  const imageSha256 = createHash('sha256').update(request.image.bytes).digest('hex');
  const name = JSON.stringify([key, imageSha256]);
  for (;;) {
    const underWay = deps.keyedSends.find(name);
    if (underWay === undefined) break;
    const joined = await underWay;
    // The client of the joined call disconnected while it waited for another gateway; this client has not.
    if (joined.kind === 'disconnected') continue;
    return join(deps, joined);
  }
  return deps.keyedSends.begin(name, async () => {
    const { outcome, ended } = await sendOrWait(deps, request, key, imageSha256, scope);
    return { outcome, ended: ended ?? Promise.resolve() };
  });
}

function join(
  deps: AcceptOnceDeps,
  joined: Exclude<KeyedOutcome, { kind: 'disconnected' }>,
): KeyedOutcome {
  if (joined.kind === 'refused') return joined;
  if (joined.kind === 'completed') {
    deps.metrics.idempotencyKeys.inc({ outcome: 'completed' });
    return joined;
  }
  deps.metrics.idempotencyKeys.inc({ outcome: 'under-way' });
  return waitWithOthers(deps, joined.record);
}

/** For a request that another call has sent: its reply may go to another gateway, or may have come already. */
const waitWithOthers = ({ pending }: AcceptOnceDeps, record: IdempotencyRecord): KeyedOutcome => ({
  kind: 'accepted',
  record,
  waiter: pending.register(record.requestId, REPLY_EXPECTED_ELSEWHERE),
  repeats: true,
});

/** @returns `ended`: resolves when the record says whether the message was sent */
interface Sent {
  outcome: KeyedOutcome;
  ended?: Promise<void>;
}

async function sendOrWait(
  deps: AcceptOnceDeps,
  request: NewRequest,
  key: IdempotencyKey,
  imageSha256: string,
  { log, logFor, signal }: AcceptScope,
): Promise<Sent> {
  const { idempotency, results, metrics, gateway, unixMs, sleep } = deps;
  let waitedMs = 0;
  let isRepeat = false;
  for (;;) {
    const sendByMs = deps.monotonicMs() + SEND_WITHIN_MS;
    const own = recordOf(request, imageSha256, gateway, unixMs());
    const claim = await idempotency.claim(key, own);
    if (claim.kind === 'reused') {
      metrics.idempotencyKeys.inc({ outcome: 'another-image' });
      return { outcome: { kind: 'refused', refusal: REUSED } };
    }
    if (claim.kind === 'ours') {
      metrics.idempotencyKeys.inc({ outcome: 'new' });
      return send(deps, { ...request, sendByMs }, key, claim, log);
    }
    const { record } = claim;
    if (!isRepeat)
      log.info({ event: 'request.repeated', repeats: record.requestId }, 'earlier request found');
    const result = await results.find(record.requestId);
    if (!isRepeat)
      metrics.idempotencyKeys.inc({ outcome: result === undefined ? 'under-way' : 'completed' });
    isRepeat = true;
    if (result !== undefined) return { outcome: { kind: 'completed', record, result } };
    const now = unixMs();
    const sender = judgeSender(record, gateway, now);
    if (sender.kind === 'sent') return { outcome: waitWithOthers(deps, record) };
    if (sender.kind === 'gone') {
      const claimed = { ...record, claim: claimOf(request.requestId, gateway, now) };
      const takenOver = await idempotency.replace(key, claim, claimed);
      if (takenOver === undefined) continue;
      const earlierLog = logFor(record.requestId);
      earlierLog.info({ event: 'request.taken-over', from: record.claim }, 'send taken over');
      const repeated = { ...asFirstSent(request, record), repeatedBy: request.requestId, sendByMs };
      return send(deps, repeated, key, takenOver, earlierLog);
    }
    const checkInMs = Math.min(Math.max(waitedMs, FIRST_CHECK_MS), LONGEST_CHECK_MS, sender.forMs);
    await sleep(checkInMs, signal);
    waitedMs += checkInMs;
    if (signal.aborted) return { outcome: { kind: 'disconnected', record } };
  }
}

/** Sends the message, and then writes the outcome into the record. */
async function send(
  deps: AcceptOnceDeps,
  request: Parameters<typeof submitRequest>[1],
  key: IdempotencyKey,
  claim: VersionedRecord,
  log: Logger,
): Promise<Sent> {
  const submitted = await submitRequest(deps, request, log);
  const accepted = submitted.kind === 'accepted';
  const record: IdempotencyRecord = accepted
    ? { ...claim.record, sentAt: new Date(deps.unixMs()).toISOString() }
    : { ...claim.record, claim: undefined };
  const repeats = request.repeatedBy !== undefined;
  const ended = deps.idempotency.replace(key, claim, record).then(
    () => undefined,
    // Without the update a repeat takes this sender for gone, and sends again.
    (error: unknown) =>
      log.warn(
        { event: 'idempotency.update-failed', error, accepted },
        'idempotency record not updated',
      ),
  );
  return accepted
    ? { outcome: { kind: 'accepted', record, waiter: submitted.waiter, repeats }, ended }
    : { outcome: { kind: 'refused', record, refusal: submitted }, ended };
}

export const REUSED = refuse(
  'idempotency-key-reused',
  'This Idempotency-Key was sent with another image, batch or job within the last 24 hours. Choose a new key.',
);

const claimOf = (id: string, gateway: string, now: number) => ({
  id,
  gateway,
  at: new Date(now).toISOString(),
});

function recordOf(
  { requestId, options }: NewRequest,
  imageSha256: string,
  gateway: string,
  now: number,
): IdempotencyRecord {
  return {
    v: 1,
    ...options,
    requestId,
    imageSha256,
    at: new Date(now).toISOString(),
    claim: claimOf(requestId, gateway, now),
  };
}

const asFirstSent = (request: NewRequest, record: IdempotencyRecord): NewRequest => ({
  ...request,
  requestId: record.requestId,
  options: requestOptionsSchema.parse(record),
});
