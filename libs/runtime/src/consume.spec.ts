import { expect, test } from 'vitest';
import { consume, nextReceives } from './consume.ts';

/** Runs a consumer whose receives end with these outcomes; then it is aborted. */
async function run(...outcomes: (string | Error)[]) {
  const stopping = new AbortController();
  const seen: unknown[] = [];
  await consume<string>(
    {
      receive: async (failures) => {
        const outcome = outcomes.shift();
        if (outcome === undefined) stopping.abort();
        if (typeof outcome !== 'string') throw outcome ?? new Error('aborted');
        return `${outcome}${failures}`;
      },
      handle: async (batch) => {
        if (batch.startsWith('bad')) throw new Error(batch);
        seen.push(batch);
      },
      onFailure: (error, failures) => seen.push([(error as Error).message, failures]),
      clock: { sleep: async (ms) => void seen.push(ms) },
      random: () => 1,
    },
    stopping.signal,
  );
  return seen;
}

test('handles what it receives, one after the other', async () => {
  expect(await run('a', 'b')).toEqual(['a0', 'b0']);
});

test('waits longer after each failure in a row, of a receive or of a handler', async () => {
  const lost = new Error('lost');
  expect(await run(lost, 'bad', lost, 'a', lost, 'b')).toEqual([
    ...[['lost', 1], 200, ['bad1', 2], 400, ['lost', 3], 800, 'a3'],
    ...[['lost', 1], 200, 'b1'],
  ]);
});

test('ends without a report when it is aborted during a receive', async () => {
  expect(await run()).toEqual([]);
});

test('receives twice as often at a time after full receives, up to 8, and once after others', () => {
  expect([1, 2, 4, 8].map((receives) => nextReceives(receives, true))).toEqual([2, 4, 8, 8]);
  expect(nextReceives(8, false)).toBe(1);
});
