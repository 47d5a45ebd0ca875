import { makeRequestId, resultKey } from '@labelfleet/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchCompleted } from './search-completed.ts';

const idAt = (ms: number, random = 0) => makeRequestId(ms, new Uint8Array(10).fill(random));

/** Searches among stored results, and counts the pages. */
async function search(requestIds: string[], stored: string[]) {
  const keys = stored.map(resultKey).toSorted();
  let pages = 0;
  const list = async (after: string, limit: number) => {
    pages += 1;
    return keys.filter((key) => key > after).slice(0, limit);
  };
  return { found: await searchCompleted(requestIds, list), pages };
}

const range = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => idAt(from + at));

describe('the requests that have a result', () => {
  test('of one batch are found by one page', async () => {
    const batch = range(100);
    const { found, pages } = await search(batch, [...batch.slice(20, 50), ...range(500, 1_000)]);
    expect(found).toEqual(batch.slice(20, 50));
    expect(pages).toBe(1);
  });

  test('are found by several pages if there is little other traffic', async () => {
    const batch = range(1_000).filter((_id, at) => at % 2 === 0);
    const others = [1, 2].flatMap((random) => range(1_000).map((_, at) => idAt(at, random)));
    const { found, pages } = await search(batch, [...batch.slice(0, 300), ...others]);
    expect(found).toEqual(batch.slice(0, 300));
    expect(pages).toBe(3);
  });

  test('must be read if much other traffic lies between', async () => {
    const batch = Array.from({ length: 100 }, (_, at) => idAt(at * 1_000));
    const { found, pages } = await search(batch, range(100_000));
    expect(found).toEqual(batch);
    expect(pages).toBe(1);
  });

  test('must be read if they are few', async () => {
    const few = range(8);
    expect(await search(few, [])).toEqual({ found: few, pages: 0 });
  });
});

test('no completed request is missed, and the pages are bounded', async () => {
  const time = fc.integer({ min: 0, max: 3_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(time, { maxLength: 60 }),
      fc.array(time, { maxLength: 1_500 }),
      async (times, others) => {
        const ids = times.map((ms) => idAt(ms));
        const stored = [...new Set([...others.map((ms) => idAt(ms)), ...ids.slice(0, 5)])];
        const { found, pages } = await search(ids, stored);
        for (const id of ids) if (stored.includes(id)) expect(found).toContain(id);
        expect(new Set(found).size).toBe(found.length);
        expect(pages).toBeLessThanOrEqual(1 + ids.length / 8);
      },
    ),
    { numRuns: 50 },
  );
});
