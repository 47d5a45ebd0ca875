/** The next of a row of numbers from 0 up to 1 that its seed decides (mulberry32), and the state after it. */
function nextRandom(state: number): { value: number; next: number } {
  const next = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, next };
}

/** As many as are asked for. */
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
