import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ConnectionLimit } from './connection-limit.ts';

const limitAt = (time: { ms: number }) =>
  new ConnectionLimit({ max: 2, maxRefused: 2 }, 1000, () => time.ms);

test('one without a request makes room when it has had its time, the longest first', () => {
  const time = { ms: 0 };
  const limit = limitAt(time);
  const [first, second] = [new Socket(), new Socket()];
  limit.add(first);
  time.ms = 500;
  limit.add(second);
  time.ms = 999;
  expect(limit.add(new Socket())).toBe(false);
  time.ms = 1000;
  expect(limit.add(new Socket())).toBe(true);
  expect([first.destroyed, second.destroyed]).toEqual([true, false]);
});

test('one that has just been answered does not make room: its next request may be on its way', () => {
  const time = { ms: 0 };
  const limit = limitAt(time);
  const sockets = [new Socket(), new Socket()];
  for (const socket of sockets) limit.add(socket);
  for (const socket of sockets) limit.busy(socket);
  time.ms = 5000;
  for (const socket of sockets) limit.idle(socket);
  expect(limit.add(new Socket())).toBe(false);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
});

test('refused ones that stay are bounded too, and take the place of nobody who is served', async () => {
  const limit = limitAt({ ms: 0 });
  const served = [new Socket(), new Socket()];
  for (const socket of served) expect(limit.add(socket)).toBe(true);
  const refused = [new Socket(), new Socket(), new Socket()];
  for (const socket of refused) expect(limit.add(socket)).toBe(false);
  expect(refused.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);

  served[0]?.destroy();
  await once(served[0] ?? new Socket(), 'close');
  expect(limit.add(new Socket())).toBe(true);
});
