import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ByteBudget } from './byte-budget.ts';
import { GrowingBytes } from './growing-bytes.ts';

describe('the bytes of all uploads', () => {
  test('are released once, even if a share is disposed twice', () => {
    const budget = new ByteBudget(100);
    const one = budget.open();
    using other = budget.open();
    expect([one.take(60), other.take(40), other.take(1)]).toEqual([true, true, false]);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(budget.bytesInUse).toBe(40);
  });

  test('are released at once by a stopped upload, which takes none afterwards', () => {
    const budget = new ByteBudget(100);
    using older = budget.open();
    using newer = budget.open();
    expect([newer.take(60), older.take(50)]).toEqual([true, true]);
    expect(newer.stop.reason).toBe('no-room');
    expect(newer.take(1)).toBe(false);
    expect(budget.bytesInUse).toBe(50);
  });

  test('stay with a complete upload', () => {
    const budget = new ByteBudget(100);
    using older = budget.open();
    using newer = budget.open();
    newer.take(60);
    newer.complete();
    expect(older.take(50)).toBe(false);
    expect(newer.stop.aborted).toBe(false);
  });

  test('are released by a stalled upload for a newer one', () => {
    let now = 0;
    const budget = new ByteBudget(100, { graceMs: 10_000, minBytesPerSecond: 1_000 }, () => now);
    using stalled = budget.open();
    stalled.take(90);
    now = 2_000;
    using later = budget.open();
    expect(later.take(50)).toBe(true);
    expect(stalled.stop.reason).toBe('no-room');
  });

  test('that are detached stay when their upload is stopped, and are released once', () => {
    const budget = new ByteBudget(100);
    using older = budget.open();
    using newer = budget.open();
    newer.take(60);
    const detached = newer.detach(20);
    expect(older.take(50)).toBe(true);
    expect(newer.stop.reason).toBe('no-room');
    expect(budget.bytesInUse).toBe(70);
    expect(newer.detach(20)).toBeDefined(); // It has none left.
    detached[Symbol.dispose]();
    detached[Symbol.dispose]();
    expect(budget.bytesInUse).toBe(50);
  });

  test('are not taken from newer uploads for one that is complete', () => {
    const budget = new ByteBudget(100);
    using complete = budget.open();
    complete.complete();
    using newer = budget.open();
    newer.take(60);
    expect(complete.take(50)).toBe(false);
    expect(newer.stop.aborted).toBe(false);
  });

  test('are kept while the gateway does not read, and the time counts on afterwards', async () => {
    vi.useFakeTimers();
    const now = () => performance.now();
    const budget = new ByteBudget(100, { graceMs: 10_000, minBytesPerSecond: 1_000 }, now);
    using share = budget.open();
    share.take(90);
    await vi.advanceTimersByTimeAsync(4_000);
    const reading = Promise.withResolvers<void>();
    const pausing = share.pauseFor(reading.promise);
    await vi.advanceTimersByTimeAsync(60_000);
    using later = budget.open();
    expect(later.take(50)).toBe(false); // It is not stalled.
    reading.resolve();
    await pausing;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(share.stop.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(share.stop.reason).toBe('too-slow');
    vi.useRealTimers();
  });

  test('are not released because the process was stopped and could not read', () => {
    vi.useFakeTimers();
    let now = 0;
    const budget = new ByteBudget(100, { graceMs: 10_000, minBytesPerSecond: 1_000 }, () => now);
    using share = budget.open();
    now = 17_000; // The timer of 10 s is 7 s late.
    vi.advanceTimersByTime(10_000);
    expect(share.stop.aborted).toBe(false);
    now = 24_000;
    vi.advanceTimersByTime(7_000);
    expect(share.stop.reason).toBe('too-slow');
    vi.useRealTimers();
  });

  test('never exceed the limit, in any order of takes and ends', () => {
    const step = fc.record({ at: fc.nat(5), bytes: fc.nat(60), dispose: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const budget = new ByteBudget(100);
        const shares = Array.from({ length: 6 }, () => budget.open());
        for (const { at, bytes, dispose } of steps) {
          if (dispose) shares[at]?.[Symbol.dispose]();
          else shares[at]?.take(bytes);
          const held = shares.reduce((sum, share) => sum + share.bytes, 0);
          expect(budget.bytesInUse).toBe(held);
          expect(held).toBeLessThanOrEqual(100);
        }
        for (const share of shares) share[Symbol.dispose]();
        expect(budget.bytesInUse).toBe(0);
      }),
    );
  });
});

describe('the bytes of one upload', () => {
  test('are the received ones, and the memory taken is at most twice as much', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        using share = new ByteBudget(1_000_000).open();
        const grown = new GrowingBytes(share, 1_000);
        for (const chunk of chunks) expect(grown.add(chunk)).toBe(true);
        const all = Buffer.concat(chunks);
        expect(Buffer.from(grown.bytes)).toEqual(all);
        expect(share.bytes).toBeGreaterThanOrEqual(all.length);
        expect(share.bytes).toBeLessThanOrEqual(2 * all.length);
      }),
    );
  });

  test('do not keep the buffers of their chunks alive', () => {
    using share = new ByteBudget(1_000_000).open();
    const grown = new GrowingBytes(share, 1_000);
    grown.add(new Uint8Array(64_000).subarray(0, 1));
    expect(grown.bytes.buffer.byteLength).toBe(1);
  });
});
