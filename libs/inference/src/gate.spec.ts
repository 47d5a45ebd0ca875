import { expect, it } from 'vitest';

import { Gate } from './gate.ts';

const never = new AbortController().signal;

it('lets in as many as there are places, the others in the order they came', async () => {
  const gate = new Gate(2);
  const log: string[] = [];
  const enter = async (name: string) => {
    const leave = await gate.enter(never);
    log.push(name);
    return leave;
  };
  const [a, b] = await Promise.all([enter('a'), enter('b')]);
  const c = enter('c');
  const d = enter('d');
  expect(log).toEqual(['a', 'b']);
  b();
  const leaveC = await c;
  expect(log).toEqual(['a', 'b', 'c']);
  a();
  await d;
  leaveC();
  await enter('e');
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('one who gives up waiting is passed over', async () => {
  const gate = new Gate(1);
  const leave = await gate.enter(never);
  const giveUp = new AbortController();
  const first = gate.enter(giveUp.signal);
  const second = gate.enter(never);
  giveUp.abort(new Error('too long'));
  await expect(first).rejects.toThrow('too long');
  leave();
  await expect(second).resolves.toBeTypeOf('function');
});

it('one who has given up before does not take a place', async () => {
  const gate = new Gate(1);
  await expect(gate.enter(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  await expect(gate.enter(never)).resolves.toBeTypeOf('function');
});
