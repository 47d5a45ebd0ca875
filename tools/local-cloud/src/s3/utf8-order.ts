const SURROGATES = 0xd800;
const BEHIND_SURROGATES = 0xe000;

/**
 * Compares texts by their UTF-8 bytes, which is the order of code points and the order in which S3 lists keys.
 * JavaScript compares UTF-16 units, where characters beyond U+FFFF sort before those from U+E000 on.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [unitA, unitB] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates encode characters beyond U+FFFF. */
const rank = (unit: number) =>
  unit >= SURROGATES && unit < BEHIND_SURROGATES ? unit + 0x10000 : unit;

/** Returns how many texts of a sorted list are at most this one. */
export function countUpTo(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareUtf8(sorted[middle] ?? '', text) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
