import * as z from 'zod';

/** A request id: UUIDv7 (RFC 9562, section 5.7), lower case. */
export const requestIdSchema = z.uuidv7();

/**
 * Makes a UUIDv7 from the time and 10 random bytes. All 74 bits besides time, version and variant are random, not a
 * counter, so that nobody can guess an id from another one.
 * @param unixMs milliseconds since the epoch
 * @param random at least 10 random bytes
 */
export function makeRequestId(unixMs: number, random: Uint8Array): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const byte = (index: number) => {
    const value = random[index];
    if (value === undefined) throw new RangeError('makeRequestId needs 10 random bytes');
    return value;
  };
  const time = hex(unixMs, 12);
  const randomA = hex(0x7000 | ((byte(0) & 0x0f) << 8) | byte(1), 4);
  const randomB = hex(0x8000 | ((byte(2) & 0x3f) << 8) | byte(3), 4);
  const rest = [4, 5, 6, 7, 8, 9].map((index) => hex(byte(index), 2)).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-${randomA}-${randomB}-${rest}`;
}

/** The creation time of a request id: the first 48 bits of a UUIDv7 are Unix milliseconds. */
export function requestIdTime(requestId: string): Date {
  return new Date(Number.parseInt(requestId.replace('-', '').slice(0, 12), 16));
}
