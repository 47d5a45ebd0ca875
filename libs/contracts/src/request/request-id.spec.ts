import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeRequestId, requestIdSchema, requestIdTime } from './request-id.ts';

const randomBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const unixMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('every request id is a UUIDv7 with its time', () => {
  fc.assert(
    fc.property(unixMs, randomBytes, (time, random) => {
      const id = makeRequestId(time, random);
      expect(requestIdSchema.safeParse(id).success).toBe(true);
      expect(requestIdTime(id).getTime()).toBe(time);
    }),
  );
});

test('request ids sort by time', () => {
  fc.assert(
    fc.property(unixMs, unixMs, randomBytes, randomBytes, (a, b, randomA, randomB) => {
      fc.pre(a < b);
      expect(makeRequestId(a, randomA) < makeRequestId(b, randomB)).toBe(true);
    }),
  );
});

test('two request ids of one millisecond differ if any of their random bytes differs', () => {
  const ids = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((position) => {
    const random = new Uint8Array(10);
    random[position] = 1;
    return makeRequestId(0, random);
  });
  expect(new Set(ids).size).toBe(10);
});

test('makeRequestId reproduces the example of RFC 9562, appendix A.6', () => {
  // 017F22E2-79B0-7CC3-98C4-DC0C0C07398F: rand_a is CC3, rand_b 18C4DC0C0C07398F
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(makeRequestId(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('makeRequestId throws when it gets fewer than 10 random bytes', () => {
  expect(() => makeRequestId(0, new Uint8Array(9))).toThrow(RangeError);
});
