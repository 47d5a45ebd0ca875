import { expect, test } from 'vitest';
import { readLine } from './logs.ts';
import { listAll } from './objects.ts';

test('finds each key once when there are more than one listing holds', async () => {
  const keys = Array.from({ length: 2500 }, (_, index) => `0192-${index.toString(16)}.json`).sort();
  const store = {
    list: async (prefix: string, limit: number) =>
      keys.filter((key) => key.startsWith(prefix)).slice(0, limit),
  };
  // A key that is itself a prefix would be lost; real keys end with a dot and an extension.
  expect((await listAll(store, '')).sort()).toEqual(keys);
});

const LINE = {
  level: 'info',
  time: '2026-11-22T08:00:00.000Z',
  app: 'worker',
  event: 'attempt.recorded',
  msg: 'attempt recorded',
  requestId: 'r',
  attempts: 1,
};

test.each([
  [
    'a line with an event',
    'i-1',
    LINE,
    { role: 'worker', event: 'attempt.recorded', requestId: 'r' },
  ],
  ['an error', 'scaler-1', { ...LINE, level: 'error', event: undefined }, { role: 'scaler' }],
  ['a line without an event', 'i-1', { ...LINE, event: undefined }, undefined],
  ['half a line', 'i-1', '{"level":"in', undefined],
])('reads a log: %s', (_what, name, line, expected) => {
  const read = readLine(name, typeof line === 'string' ? line : JSON.stringify(line));
  if (expected === undefined) expect(read).toBeUndefined();
  else expect(read).toMatchObject({ happening: expected, at: Date.parse(LINE.time) });
});
