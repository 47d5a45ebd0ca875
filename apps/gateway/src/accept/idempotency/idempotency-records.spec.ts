import { AwsCallError } from '@labelfleet/aws/errors';
import { fakeS3 } from '@labelfleet/aws/testing';
import { IDEMPOTENCY_MS, type IdempotencyRecord } from '@labelfleet/contracts';
import { describe, expect, test } from 'vitest';
import { someRequestId } from '../../testing/results.ts';
import { IdempotencyRecords } from './idempotency-records.ts';

const key = { caller: '', key: 'k-1' };

const record = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  v: 1,
  requestId: someRequestId(),
  imageSha256: 'a'.repeat(64),
  topK: 5,
  at: '2026-01-02T00:00:00.000Z',
  ...changes,
});

type Lost = 'nothing' | 'the call' | 'the response';

/** Records whose next puts lose what `lost` lists; `calls` lists all calls. */
function onStore(...lost: Lost[]) {
  const s3 = fakeS3();
  s3.createBucket('state');
  const bucket = s3.store('state');
  const calls: string[] = [];
  const records = new IdempotencyRecords({
    get: (objectKey) => {
      calls.push('get');
      return bucket.get(objectKey);
    },
    put: async (...put) => {
      calls.push('put');
      const fault = lost.shift() ?? 'nothing';
      const outcome = fault === 'the call' ? undefined : await bucket.put(...put);
      if (outcome !== undefined && fault === 'nothing') return outcome;
      throw new AwsCallError('PutObject', { code: 'ECONNRESET', message: 'lost' });
    },
  });
  return { records, bucket, calls };
}

test('a new key is claimed with one call', async () => {
  const { records, calls } = onStore();
  expect(await records.claim(key, record())).toMatchObject({ kind: 'ours' });
  expect(calls).toEqual(['put']);
});

test('a second request finds the first, and is refused with another image', async () => {
  const { records } = onStore();
  const first = record();
  await records.claim(key, first);
  expect(await records.claim(key, record())).toMatchObject({ kind: 'replay', record: first });
  const otherImage = record({ imageSha256: 'b'.repeat(64) });
  expect(await records.claim(key, otherImage)).toEqual({ kind: 'reused' });
});

test('keys of different callers and keys with a common prefix are different', async () => {
  const { records, bucket } = onStore();
  for (const each of [key, { caller: 'me', key: 'k-1' }, { caller: 'e', key: 'k-1m' }])
    expect(await records.claim(each, record())).toMatchObject({ kind: 'ours' });
  const names = await bucket.list('', 10);
  expect(names).toHaveLength(3);
  for (const name of names) expect(name).toMatch(/^idempotency\/[0-9a-f]{64}\.json$/);
});

test('of many concurrent claims one gets the key, and all others find its record', async () => {
  const { records } = onStore();
  const rivals = Array.from({ length: 8 }, () => record());
  const claims = await Promise.all(rivals.map((rival) => records.claim(key, rival)));
  const winners = rivals.filter((_, index) => claims[index]?.kind === 'ours');
  expect(winners).toHaveLength(1);
  for (const claim of claims)
    if (claim.kind !== 'ours') expect(claim).toMatchObject({ kind: 'replay', record: winners[0] });
});

describe('after 24 hours', () => {
  const old = record();
  const later = (ms: number) =>
    record({ at: new Date(Date.parse(old.at) + IDEMPOTENCY_MS + ms).toISOString() });

  test('the key is new again for any image', async () => {
    const { records } = onStore();
    await records.claim(key, old);
    const next = { ...later(0), imageSha256: 'b'.repeat(64) };
    expect(await records.claim(key, next)).toMatchObject({ kind: 'ours' });
    expect(await records.claim(key, later(-1))).toEqual({ kind: 'reused' });
  });

  test('of many concurrent claims one gets it', async () => {
    const { records } = onStore();
    await records.claim(key, old);
    const claims = await Promise.all([0, 1, 2, 3].map((ms) => records.claim(key, later(ms))));
    expect(claims.map(({ kind }) => kind).sort()).toEqual(['ours', 'replay', 'replay', 'replay']);
  });
});

describe('when a put fails', () => {
  test.each<{ lost: Lost[]; old: boolean }>([
    { lost: ['the call'], old: false },
    { lost: ['the response'], old: false },
    { lost: ['the call', 'the response'], old: false },
    { lost: ['the response'], old: true },
    { lost: ['the call', 'the call', 'the response'], old: true },
  ])(
    'lost: $lost, over an old record: $old: the key is taken all the same',
    async ({ lost, old }) => {
      const { records, bucket } = onStore(...(old ? ['nothing' as const] : []), ...lost);
      if (old) await records.claim(key, record({ at: '2025-01-01T00:00:00.000Z' }));
      const own = record();
      expect(await records.claim(key, own)).toMatchObject({ kind: 'ours' });
      const [name = ''] = await bucket.list('', 10);
      const body = new TextDecoder().decode((await bucket.get(name))?.body);
      expect(JSON.parse(body)).toEqual(own);
    },
  );

  test('a rival that claimed meanwhile has the key', async () => {
    const { records } = onStore('nothing', 'the call');
    const rival = record();
    await records.claim(key, rival);
    expect(await records.claim(key, record())).toMatchObject({ kind: 'replay', record: rival });
  });

  test('four times, the claim throws', async () => {
    const { records } = onStore('the call', 'the call', 'the call', 'the call');
    await expect(records.claim(key, record())).rejects.toThrow(AwsCallError);
  });

  test('a malformed record is not overwritten', async () => {
    const { records, bucket } = onStore();
    await records.claim(key, record());
    const [name = ''] = await bucket.list('', 1);
    await bucket.put(name, '{"v":2}', { contentType: 'application/json' });
    await expect(records.claim(key, record())).rejects.toThrow('malformed');
  });
});

describe('a record that was read', () => {
  const taken = (own: IdempotencyRecord) => ({
    ...own,
    claim: { id: someRequestId(), gateway: 'b', at: own.at },
  });

  test('is replaced by one of many concurrent calls', async () => {
    const { records } = onStore();
    const own = record();
    const claim = await records.claim(key, own);
    if (claim.kind === 'reused') throw new Error('reused');
    const rivals = [taken(own), taken(own), taken(own)];
    const won = await Promise.all(rivals.map((rival) => records.replace(key, claim, rival)));
    expect(won.filter((record) => record !== undefined)).toHaveLength(1);
  });

  test.each<{ lost: Lost; replaced: boolean }>([
    { lost: 'the response', replaced: true },
    { lost: 'the call', replaced: false },
  ])('is replaced: $replaced, when $lost is lost', async ({ lost, replaced }) => {
    const { records } = onStore('nothing', lost);
    const own = record();
    const claim = await records.claim(key, own);
    if (claim.kind === 'reused') throw new Error('reused');
    const mine = taken(own);
    const replacing = records.replace(key, claim, mine);
    if (replaced) expect(await replacing).toMatchObject({ record: mine });
    else await expect(replacing).rejects.toThrow(AwsCallError);
  });
});
