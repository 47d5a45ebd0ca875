/** Decodes bytes as Latin-1. The text is shorter if the file ends early. */
export const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** Reads an unsigned integer of up to 8 bytes. NaN if the file ends early, so that every comparison fails. */
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
