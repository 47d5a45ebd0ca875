import { AwsCallError } from '@labelfleet/aws/errors';
import type { PutOptions } from '@labelfleet/aws/store';
import { fakeS3 } from '@labelfleet/aws/testing';
import { decodeFleetLease, FLEET_LEASE_KEY } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { describe, expect, it } from 'vitest';
import { decideTerminate } from '../memory/fleet-memory.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { leaseTimes } from './lease.ts';
import { TestClock } from '../testing/test-clock.ts';

/** The outcome of one put: whether it takes effect, and what its writer gets as response. */
type Fate = 'stored' | '409' | '503' | 'time-out' | 'time-out, stored' | '412, stored';

const FAILURES: Record<Exclude<Fate, 'stored' | '412, stored'>, [string, number | undefined]> = {
  '409': ['ConditionalRequestConflict', 409],
  '503': ['SlowDown', 503],
  'time-out': ['TimeoutError', undefined],
  'time-out, stored': ['TimeoutError', undefined],
};

/** A keeper that holds the lease, on a store whose next puts meet these fates. */
async function leader() {
  const s3 = fakeS3();
  s3.createBucket('state');
  const bucket = s3.store('state');
  const fates: Fate[] = [];
  let unreadable = false;
  let putMs = 0;
  const clock = new TestClock();
  let nonces = 0;
  const store = {
    async put(key: string, body: Uint8Array | string, options: PutOptions) {
      clock.pass(putMs);
      const fate = fates.shift() ?? 'stored';
      const takesEffect = fate.endsWith('stored');
      const outcome = takesEffect ? await bucket.put(key, body, options) : undefined;
      if (fate === '412, stored') return { kind: 'condition-failed' } as const;
      if (fate === 'stored' && outcome !== undefined) return outcome;
      const [code, statusCode] = FAILURES[fate as keyof typeof FAILURES];
      throw new AwsCallError('PutObject', { code, message: 'for a test', statusCode });
    },
    async get(key: string) {
      if (!unreadable) return bucket.get(key);
      throw new AwsCallError('GetObject', { code: 'TimeoutError', message: 'for a test' });
    },
  };
  const keeper = new LeaseKeeper({
    store,
    leader: 'me',
    times: leaseTimes(10_000),
    newNonce: () => String((nonces += 1)),
    clock,
    log: createLogger({ app: 'scaler', level: 'silent' }),
  });
  await keeper.due();
  return {
    keeper,
    bucket,
    fates,
    pass: (ms: number) => clock.pass(ms),
    slowDown: (ms: number) => void (putMs = ms),
    makeUnreadable: () => void (unreadable = true),
    stored: async () => {
      const body = (await bucket.get(FLEET_LEASE_KEY))?.body;
      const decoded = decodeFleetLease(new TextDecoder().decode(body));
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value;
    },
  };
}

describe('a write of the leader', () => {
  it.each<[Fate, 'written' | 'not-written']>([
    ['stored', 'written'],
    ['412, stored', 'written'],
    ['time-out, stored', 'written'],
    ['409', 'not-written'],
    ['503', 'not-written'],
    ['time-out', 'not-written'],
  ])('after %s counts as %s', async (fate, outcome) => {
    const { keeper, fates, stored } = await leader();
    const before = keeper.read();
    const memory = decideTerminate(before, 'i-1');
    fates.push(fate);
    expect(await keeper.write(memory)).toBe(outcome);
    expect(keeper.read()).toEqual(outcome === 'written' ? memory : before);
    expect((await stored()).memory).toEqual(keeper.read());
    expect(keeper.role).toBe('leader');
    expect(await keeper.write(memory)).toBe('written');
  });

  it('does not count while it cannot be read back, and is corrected by the next write', async () => {
    const { keeper, fates, makeUnreadable, stored } = await leader();
    const before = keeper.read();
    fates.push('time-out, stored');
    makeUnreadable();
    expect(await keeper.write(decideTerminate(before, 'i-1'))).toBe('not-written');
    expect(keeper.read()).toEqual(before);
    expect((await stored()).memory).not.toEqual(before);
  });

  it('is corrected after a write without a response', async () => {
    const { keeper, bucket, stored } = await leader();
    const before = keeper.read();
    const landed = { ...(await stored()), nonce: 'late', memory: decideTerminate(before, 'i-1') };
    await bucket.put(FLEET_LEASE_KEY, JSON.stringify(landed), { contentType: 'application/json' });
    const memory = decideTerminate(before, 'i-2');
    // The first meets the other write, the second goes on from it.
    expect(await keeper.write(memory)).toBe('not-written');
    expect(await keeper.write(memory)).toBe('written');
    expect((await stored()).memory).toEqual(memory);
  });

  it('is not repeated while the memory is unchanged, except as a renewal', async () => {
    const { keeper, pass, stored } = await leader();
    const { seq } = await stored();
    expect(await keeper.write({ ...keeper.read() })).toBe('written');
    await keeper.due();
    expect((await stored()).seq).toBe(seq);
    keeper.note(decideTerminate(keeper.read(), 'i-1'));
    pass(3000);
    await keeper.due();
    expect(await stored()).toMatchObject({
      seq: seq + 1,
      memory: { terminates: { 'i-1': 'drained' } },
    });
  });

  it('waits for the writes before it', async () => {
    const { keeper, pass, stored } = await leader();
    pass(3000);
    const memory = decideTerminate(keeper.read(), 'i-1');
    const [, written] = await Promise.all([keeper.due(), keeper.write(memory), keeper.due()]);
    expect(written).toBe('written');
    expect((await stored()).memory).toEqual(memory);
  });
});

describe('a renewal that is due during a slow write', () => {
  it('keeps the written memory for the next leader', async () => {
    const { keeper, slowDown, stored } = await leader();
    slowDown(4000);
    const memory = decideTerminate(keeper.read(), 'i-1');
    const [written] = await Promise.all([keeper.write(memory), keeper.due()]);
    expect(written).toBe('written');
    expect((await stored()).memory).toEqual(memory);
  });
});

describe('a term', () => {
  it('ends when the lease is lost, even if it is taken again', async () => {
    const { keeper, bucket, pass, stored } = await leader();
    const term = keeper.forCurrentTerm();
    expect(term.leads()).toBe(true);
    const taken = { ...(await stored()), leader: null, nonce: 'of another' };
    await bucket.put(FLEET_LEASE_KEY, JSON.stringify(taken), { contentType: 'application/json' });
    pass(3000);
    await keeper.due();
    expect(keeper.role).toBe('standby');
    await keeper.due();
    expect(keeper.leads()).toBe(true);
    expect(term.leads()).toBe(false);
    expect(await term.write(decideTerminate(term.read(), 'i-1'))).toBe('not-written');
    term.note(decideTerminate(term.read(), 'i-1'));
    expect(keeper.read().terminates).toEqual({});
  });
});

describe('a malformed lease', () => {
  it('is neither read nor overwritten', async () => {
    const { bucket } = await leader();
    await bucket.put(FLEET_LEASE_KEY, '{"v":2}', { contentType: 'application/json' });
    const other = new LeaseKeeper({
      store: bucket,
      leader: 'other',
      times: leaseTimes(10_000),
      newNonce: () => 'nonce',
      clock: new TestClock(),
      log: createLogger({ app: 'scaler', level: 'silent' }),
    });
    await other.due();
    expect(other.role).toBe('standby');
    expect(new TextDecoder().decode((await bucket.get(FLEET_LEASE_KEY))?.body)).toBe('{"v":2}');
  });
});

describe('a failure of the lease', () => {
  const noAnswer = new AwsCallError('GetObject', { code: 'TimeoutError', message: 'for a test' });
  const denied = (operation: string) =>
    new AwsCallError(operation, { code: 'AccessDenied', message: 'for a test', statusCode: 403 });

  function standby() {
    const s3 = fakeS3();
    s3.createBucket('state');
    const bucket = s3.store('state');
    const fails: { get?: AwsCallError | undefined; put?: AwsCallError | undefined } = {};
    const clock = new TestClock();
    const keeper = new LeaseKeeper({
      store: {
        async get(key: string) {
          if (fails.get !== undefined) throw fails.get;
          return bucket.get(key);
        },
        async put(key: string, body: Uint8Array | string, options: PutOptions) {
          if (fails.put !== undefined) throw fails.put;
          return bucket.put(key, body, options);
        },
      },
      leader: 'me',
      times: leaseTimes(10_000),
      newNonce: () => String(clock.monotonicMs()),
      clock,
      log: createLogger({ app: 'scaler', level: 'silent' }),
    });
    const lookFor = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        clock.pass(1000);
        await keeper.due();
      }
      return keeper.failure;
    };
    return { fails, lookFor };
  }

  it('is reported after 60 s of failed reads, until a read succeeds', async () => {
    const { fails, lookFor } = standby();
    fails.get = noAnswer;
    expect(await lookFor(60)).toBeUndefined();
    expect(await lookFor(1)).toContain('the lease cannot be read: GetObject: TimeoutError');
    fails.get = undefined;
    expect(await lookFor(1)).toBeUndefined();
  });

  it('is reported at once if reading is denied', async () => {
    const { fails, lookFor } = standby();
    fails.get = denied('GetObject');
    expect(await lookFor(1)).toContain('cannot be read: GetObject: AccessDenied');
  });

  it('is reported at once if writing is denied, until a write succeeds', async () => {
    const { fails, lookFor } = standby();
    fails.put = denied('PutObject');
    expect(await lookFor(1)).toContain('cannot be written: PutObject: AccessDenied');
    fails.put = undefined;
    expect(await lookFor(1)).toBeUndefined();
  });
});
