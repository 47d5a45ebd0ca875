import type { IdempotencyRecord, StoredResult } from '@labelfleet/contracts';
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
import { submitRequest, type SubmittedRequest, type SubmitDeps } from './submit-request.ts';

/** How often a repeat looks whether the one who sends has sent: again after as long as it has waited, up to this. */
const FIRST_CHECK_MS = 100;
const LONGEST_CHECK_MS = 1_000;

export interface AcceptOnceDeps extends SubmitDeps {
  idempotency: Pick<IdempotencyRecords, 'claim' | 'replace'>;
  /** What this process is sending now, by key and image. */
  keyedSends: KeyedSends<KeyedOutcome>;
  results: Pick<ResultStore, 'find'>;
  /** This process, by a name that no other ever has. */
  gateway: string;
  /** The time, in milliseconds since the epoch. */
  unixMs: () => number;
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  metrics: SubmitDeps['metrics'] & Pick<Metrics, 'idempotencyKeys'>;
}

type NewRequest = Omit<SubmittedRequest, 'repeatedBy' | 'sendByMs'>;

/** What a key's request has come to, for all who have sent it. */
export type KeyedOutcome =
  | { kind: 'accepted'; record: IdempotencyRecord; waiter: Waiter; repeats: boolean }
  | { kind: 'completed'; record: IdempotencyRecord; result: StoredResult }
  /** Its record is absent where the refusal tells nothing of the key's request. */
  | { kind: 'refused'; record?: IdempotencyRecord; refusal: Refusal }
  | { kind: 'disconnected' };

interface Scope {
  log: Logger;
  /** Called with the id of the earlier request that this one turns out to repeat; gives a log that names it. */
  continueAs(requestId: string): Logger;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

/**
 * Accepts a request once for all that come with its key (P10). A repeat sends nothing while the first sender
 * may still send, or has sent: it waits for the same result. It takes over from a sender that is gone, by
 * compare-and-set, so that of many repeats one does.
 */
export async function acceptOnce(
  deps: AcceptOnceDeps,
  offer: NewRequest,
  key: IdempotencyKey,
  scope: Scope,
): Promise<KeyedOutcome> {
  const imageSha256 = createHash('sha256').update(offer.upload.bytes).digest('hex');
  const name = JSON.stringify([key, imageSha256]);
  for (;;) {
    const underWay = deps.keyedSends.find(name);
    if (underWay === undefined) break;
    const joined = await underWay;
    // Its client went away while it waited for another gateway's sender; this one's has not.
    if (joined.kind === 'disconnected') continue;
    return join(deps, joined, scope);
  }
  return deps.keyedSends.begin(name, async () => {
    const { outcome, ended } = await sendOrWait(deps, offer, key, imageSha256, scope);
    return { outcome, ended: ended ?? Promise.resolve() };
  });
}

function join(deps: AcceptOnceDeps, joined: KeyedOutcome, scope: Scope): KeyedOutcome {
  if (joined.kind === 'disconnected') return joined;
  if (joined.record !== undefined) scope.continueAs(joined.record.requestId);
  if (joined.kind === 'refused') return joined;
  if (joined.kind === 'completed') {
    deps.metrics.idempotencyKeys.inc({ stood_for: 'completed' });
    return joined;
  }
  deps.metrics.idempotencyKeys.inc({ stood_for: 'under-way' });
  return waitWithOthers(deps, joined.record);
}

/** A request that another has sent: its reply may go there, or may have been here before. */
const waitWithOthers = ({ pending }: AcceptOnceDeps, record: IdempotencyRecord): KeyedOutcome => ({
  kind: 'accepted',
  record,
  waiter: pending.register(record.requestId, REPLY_EXPECTED_ELSEWHERE),
  repeats: true,
});

/** @returns `ended`: when the record says what has become of the send */
interface Sent {
  outcome: KeyedOutcome;
  ended?: Promise<void>;
}

async function sendOrWait(
  deps: AcceptOnceDeps,
  offer: NewRequest,
  key: IdempotencyKey,
  imageSha256: string,
  scope: Scope,
): Promise<Sent> {
  const { idempotency, results, metrics, gateway, unixMs, pause } = deps;
  let { log } = scope;
  let waitedMs = 0;
  let isRepeat = false;
  for (;;) {
    const sendByMs = deps.monotonicMs() + SEND_WITHIN_MS;
    const own = recordOf(offer, imageSha256, gateway, unixMs());
    const claim = await idempotency.claim(key, own);
    if (claim.kind === 'reused') {
      metrics.idempotencyKeys.inc({ stood_for: 'another-image' });
      return { outcome: { kind: 'refused', refusal: REUSED } };
    }
    if (claim.kind === 'ours') {
      metrics.idempotencyKeys.inc({ stood_for: 'nothing' });
      return send(deps, { ...offer, sendByMs }, key, claim, log);
    }
    const { record } = claim;
    if (!isRepeat) {
      log.info({ repeats: record.requestId }, 'repeats an earlier request');
      log = scope.continueAs(record.requestId);
    }
    const result = await results.find(record.requestId);
    if (!isRepeat)
      metrics.idempotencyKeys.inc({ stood_for: result === undefined ? 'under-way' : 'completed' });
    isRepeat = true;
    if (result !== undefined) return { outcome: { kind: 'completed', record, result } };
    const now = unixMs();
    const sender = judgeSender(record, gateway, now);
    if (sender.kind === 'sent') return { outcome: waitWithOthers(deps, record) };
    if (sender.kind === 'gone') {
      const mine = { ...record, claim: claimOf(offer.requestId, gateway, now) };
      const takenOver = await idempotency.replace(key, claim, mine);
      if (takenOver === undefined) continue;
      log.info({ event: 'request.taken-over', from: record.claim }, 'took over from a sender');
      const repeated = { ...asFirstSent(offer, record), repeatedBy: offer.requestId, sendByMs };
      return send(deps, repeated, key, takenOver, log);
    }
    const checkInMs = Math.min(Math.max(waitedMs, FIRST_CHECK_MS), LONGEST_CHECK_MS, sender.forMs);
    await pause(checkInMs, scope.signal);
    waitedMs += checkInMs;
    if (scope.signal.aborted) return { outcome: { kind: 'disconnected' } };
  }
}

/** Sends, and then writes into the record what has become of it. */
async function send(
  deps: AcceptOnceDeps,
  submission: SubmittedRequest,
  key: IdempotencyKey,
  claim: VersionedRecord,
  log: Logger,
): Promise<Sent> {
  const submitted = await submitRequest(deps, submission, log);
  const accepted = submitted.kind === 'accepted';
  const record: IdempotencyRecord = accepted
    ? { ...claim.record, sentAt: new Date(deps.unixMs()).toISOString() }
    : { ...claim.record, claim: undefined };
  const repeats = submission.repeatedBy !== undefined;
  const ended = deps.idempotency.replace(key, claim, record).then(
    () => undefined,
    // A repeat will find a sender that is gone, and send again.
    (error: unknown) => log.warn({ error, accepted }, 'idempotency record not updated'),
  );
  return accepted
    ? { outcome: { kind: 'accepted', record, waiter: submitted.waiter, repeats }, ended }
    : { outcome: { kind: 'refused', record, refusal: submitted }, ended };
}

const REUSED = refuse(
  'idempotency-key-reused',
  'Within the last 24 hours this Idempotency-Key came with another image. Choose a new key.',
);

const claimOf = (id: string, gateway: string, now: number) => ({
  id,
  gateway,
  at: new Date(now).toISOString(),
});

function recordOf(
  { requestId, upload, topK, deadline }: NewRequest,
  imageSha256: string,
  gateway: string,
  now: number,
): IdempotencyRecord {
  return {
    v: 1,
    requestId,
    imageSha256,
    ...(upload.fileName !== undefined && { fileName: upload.fileName }),
    topK,
    ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
    at: new Date(now).toISOString(),
    claim: claimOf(requestId, gateway, now),
  };
}

const asFirstSent = (offer: NewRequest, record: IdempotencyRecord): NewRequest => ({
  ...offer,
  requestId: record.requestId,
  upload: { ...offer.upload, fileName: record.fileName },
  topK: record.topK,
  deadline: deadlineOf(record),
});

export const deadlineOf = ({ deadlineAt }: IdempotencyRecord): Date | undefined =>
  deadlineAt === undefined ? undefined : new Date(deadlineAt);
