const SURROGATES = 0xd800;
const BEHIND_SURROGATES = 0xe000;

/**
 * Compares texts by their bytes in UTF-8, which is the order of their code points: S3 lists keys so. JavaScript
 * compares UTF-16, in which characters beyond U+FFFF come before those from U+E000 on.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [unitA, unitB] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates stand for what is beyond U+FFFF. */
const rank = (unit: number) =>
  unit >= SURROGATES && unit < BEHIND_SURROGATES ? unit + 0x10000 : unit;

/** How many texts of a sorted list come before all that are behind this one. */
export function countUpTo(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareUtf8(sorted[middle] ?? '', text) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
