import { expect, test } from 'vitest';
import { explore, type Model } from './explore.ts';

/** Counts up to 5 by one or two; a fault resets it. */
const counting = (changes: Partial<Model<number>> = {}): Model<number> => ({
  initial: 0,
  next: (n) => [
    ...(n < 5 ? [{ label: `+1 -> ${n + 1}`, to: n + 1 }] : []),
    ...(n < 4 ? [{ label: `+2 -> ${n + 2}`, to: n + 2 }] : []),
    ...(n === 5 ? [{ label: 'back', to: 0, fault: true }] : []),
  ],
  key: String,
  broken: () => undefined,
  promise: { name: 'five', owed: () => true, kept: (n) => n === 5 },
  ...changes,
});

test('visits every state and finds its distance', () => {
  expect(explore(counting())).toEqual({
    states: 6,
    depth: 3,
    complete: true,
    violation: undefined,
  });
});

test('stops at the nearest violation with a shortest trace', () => {
  const broken = (n: number) => (n === 4 ? 'four' : undefined);
  expect(explore(counting({ broken })).violation).toEqual({
    what: 'four',
    trace: ['+2 -> 2', '+2 -> 4'],
  });
});

test('reports a promise that only a fault could keep', () => {
  const promise = { name: 'zero', owed: (n: number) => n > 0, kept: (n: number) => n === 0 };
  expect(explore(counting({ promise })).violation).toEqual({
    what: 'never again: zero',
    trace: ['+1 -> 1'],
  });
});

test('stops at the bound of states', () => {
  expect(explore(counting(), 2)).toMatchObject({ complete: false, violation: undefined });
});
