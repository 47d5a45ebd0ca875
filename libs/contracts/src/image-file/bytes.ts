/** The bytes as text, a character a byte; shorter where the file ends before. */
export const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** An unsigned integer of up to 8 bytes; NaN where the file ends before, so that every comparison fails. */
export function uint(
  bytes: Uint8Array,
  at: number,
  size: number,
  order: 'big' | 'little' = 'big',
): number {
  if (!(at >= 0 && at + size <= bytes.length)) return NaN;
  let value = 0;
  for (let i = 0; i < size; i++) {
    value = value * 256 + (bytes[order === 'big' ? at + i : at + size - 1 - i] ?? 0);
  }
  return value;
}
