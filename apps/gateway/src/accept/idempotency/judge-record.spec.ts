import { IDEMPOTENCY_MS, makeRequestId, type IdempotencyRecord } from '@labelfleet/contracts';
import { expect, test } from 'vitest';
import { CLAIM_MS, judgeRecord, judgeSender, type Judgement, type Sender } from './judge-record.ts';

const AT = Date.UTC(2026, 0, 2);

const record = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  v: 1,
  requestId: makeRequestId(AT, new Uint8Array(10)),
  imageSha256: 'a'.repeat(64),
  topK: 5,
  at: new Date(AT).toISOString(),
  ...changes,
});

const other = makeRequestId(AT, new Uint8Array(10).fill(1));
const before = (ms: number) => new Date(AT - ms).toISOString();
const sameImage = record({ requestId: other, at: before(1) });
const nearlyOver = record({ requestId: other, at: before(IDEMPOTENCY_MS - 1) });
const otherImage = { imageSha256: 'b'.repeat(64) };

test.each<[string, IdempotencyRecord | undefined, Judgement]>([
  ['no record', undefined, { kind: 'claim' }],
  ['its own record, because the response to its put was lost', record(), { kind: 'ours' }],
  ['a record of the same image', sameImage, { kind: 'replay', record: sameImage }],
  [
    'one that has other names for it',
    { ...sameImage, fileName: 'b', topK: 1 },
    {
      kind: 'replay',
      record: { ...sameImage, fileName: 'b', topK: 1 },
    },
  ],
  [
    'one of a clock that is ahead',
    { ...sameImage, at: before(-5_000) },
    {
      kind: 'replay',
      record: { ...sameImage, at: before(-5_000) },
    },
  ],
  ['a record of another image', { ...sameImage, ...otherImage }, { kind: 'reused' }],
  ['a record that is nearly 24 hours old', nearlyOver, { kind: 'replay', record: nearlyOver }],
  [
    'a record that is 24 hours old',
    { ...sameImage, at: before(IDEMPOTENCY_MS) },
    { kind: 'claim' },
  ],
  [
    'one of another image that is older',
    { ...sameImage, ...otherImage, at: before(2 * IDEMPOTENCY_MS) },
    { kind: 'claim' },
  ],
])('a request that finds %s', (_, existing, judgement) => {
  expect(judgeRecord(existing, record())).toEqual(judgement);
});

const claimed = (ms: number, gateway = 'other') =>
  record({ claim: { id: other, gateway, at: before(ms) } });

test.each<[string, IdempotencyRecord, Sender]>([
  [
    'that says sent, however old',
    { ...claimed(CLAIM_MS * 100), sentAt: before(0) },
    { kind: 'sent' },
  ],
  ['whose claim was removed', record(), { kind: 'gone' }],
  ['claimed just now', claimed(0), { kind: 'sending', forMs: CLAIM_MS }],
  ['claimed just under 15 s ago', claimed(CLAIM_MS - 1), { kind: 'sending', forMs: 1 }],
  ['claimed 15 s ago', claimed(CLAIM_MS), { kind: 'gone' }],
  [
    'claimed by a clock that is a little ahead',
    claimed(-1),
    { kind: 'sending', forMs: CLAIM_MS + 1 },
  ],
  ['claimed on a clock that is far ahead', claimed(-CLAIM_MS - 1), { kind: 'gone' }],
  ['claimed by this process, which is not sending', claimed(0, 'this'), { kind: 'gone' }],
])('a record %s', (_, existing, sender) => {
  expect(judgeSender(existing, 'this', AT)).toEqual(sender);
});
