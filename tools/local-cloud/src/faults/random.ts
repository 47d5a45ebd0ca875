/** Returns the next pseudo-random number from 0 to below 1 (mulberry32), and the next state. */
function nextRandom(state: number): { value: number; next: number } {
  const next = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, next };
}

/** Returns this many numbers and the next state. */
export function nextRandoms(state: number, count: number): { values: number[]; next: number } {
  const values: number[] = [];
  let next = state;
  for (let drawn = 0; drawn < count; drawn++) {
    const random = nextRandom(next);
    values.push(random.value);
    next = random.next;
  }
  return { values, next };
}
