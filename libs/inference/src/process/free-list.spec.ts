import { expect, it } from 'vitest';

import { FreeList } from './free-list.ts';

const never = new AbortController().signal;

function listOf(...items: string[]): FreeList<string> {
  const list = new FreeList<string>();
  for (const item of items) list.add(item);
  return list;
}

it('gives free items, then returned ones, in the order of the calls', async () => {
  const list = listOf('x', 'y');
  expect(await Promise.all([list.take(never), list.take(never)])).toEqual(['x', 'y']);
  const waiting = [list.take(never), list.take(never)];
  list.add('y');
  list.add('x');
  expect(await Promise.all(waiting)).toEqual(['y', 'x']);
});

it('skips a caller that canceled its wait', async () => {
  const list = listOf();
  const giveUp = new AbortController();
  const first = list.take(giveUp.signal);
  const second = list.take(never);
  giveUp.abort(new Error('too long'));
  await expect(first).rejects.toThrow('too long');
  list.add('x');
  expect(await second).toBe('x');
});

it('rejects a call with an aborted signal and keeps the item free', async () => {
  const list = listOf('x');
  await expect(list.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(await list.take(never)).toBe('x');
});

it('does not give out a removed item', async () => {
  const list = listOf('x', 'y');
  list.remove('x');
  expect(await list.take(never)).toBe('y');
});

it('rejects waiting and later callers once it is closed', async () => {
  const list = listOf();
  const waiting = list.take(never);
  list.close(new Error('closed'));
  await expect(waiting).rejects.toThrow('closed');
  await expect(list.take(never)).rejects.toThrow('closed');
});

it('gives a returned item to a waiting request before jobs that waited longer', async () => {
  const list = listOf();
  const order: string[] = [];
  const take = (name: string, priority: 'request' | 'job') =>
    list.take(never, priority).then((item) => {
      order.push(name);
      list.add(item);
    });
  const all = [take('job 1', 'job'), take('job 2', 'job'), take('request', 'request')];
  expect(list.waiting).toBe(3);
  list.add('x');
  await Promise.all(all);
  expect(order).toEqual(['request', 'job 1', 'job 2']);
});

it('skips a job that canceled its wait, and rejects jobs once it is closed', async () => {
  const list = listOf();
  const giveUp = new AbortController();
  const first = list.take(giveUp.signal, 'job');
  const second = list.take(never, 'job');
  giveUp.abort(new Error('too long'));
  await expect(first).rejects.toThrow('too long');
  list.add('x');
  expect(await second).toBe('x');
  const third = list.take(never, 'job');
  list.close(new Error('closed'));
  await expect(third).rejects.toThrow('closed');
});
