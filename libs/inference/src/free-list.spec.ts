import { expect, it } from 'vitest';

import { FreeList } from './free-list.ts';

const never = new AbortController().signal;

function listOf(...items: string[]): FreeList<string> {
  const list = new FreeList<string>();
  for (const item of items) list.add(item);
  return list;
}

it('hands out what is free, then what comes back, in the order of asking', async () => {
  const list = listOf('x', 'y');
  expect(await Promise.all([list.take(never), list.take(never)])).toEqual(['x', 'y']);
  const turns = [list.take(never), list.take(never)];
  list.add('y');
  list.add('x');
  expect(await Promise.all(turns)).toEqual(['y', 'x']);
});

it('passes over one that gave up waiting', async () => {
  const list = listOf();
  const giveUp = new AbortController();
  const first = list.take(giveUp.signal);
  const second = list.take(never);
  giveUp.abort(new Error('too long'));
  await expect(first).rejects.toThrow('too long');
  list.add('x');
  expect(await second).toBe('x');
});

it('gives nothing to one that gave up before asking', async () => {
  const list = listOf('x');
  await expect(list.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(await list.take(never)).toBe('x');
});

it('does not hand out what was removed', async () => {
  const list = listOf('x', 'y');
  list.remove('x');
  expect(await list.take(never)).toBe('y');
});

it('refuses everybody once it is closed', async () => {
  const list = listOf();
  const waiting = list.take(never);
  list.close(new Error('closed'));
  await expect(waiting).rejects.toThrow('closed');
  await expect(list.take(never)).rejects.toThrow('closed');
});
