import { describe, expect, test } from 'vitest';
import { Slots, type Slot } from './slots.ts';
import { letOthersRun } from '../testing/fake-clock.ts';

const forever = new AbortController().signal;

async function isGranted(slot: Slot): Promise<boolean> {
  let granted = false;
  void slot.granted(forever).then(() => (granted = true));
  await letOthersRun();
  return granted;
}
const leave = (slot: Slot) => slot[Symbol.dispose]();

describe('slots', () => {
  test('are shared by as many as there are, and the next waits for one to leave', async () => {
    const slots = new Slots(2);
    const [first, second, third] = [slots.shared(), slots.shared(), slots.shared()];
    expect(await isGranted(first)).toBe(true);
    expect(await isGranted(second)).toBe(true);
    expect(await isGranted(third)).toBe(false);
    leave(first);
    expect(await isGranted(third)).toBe(true);
  });

  test('are free for as many more as may be asked for now', () => {
    const slots = new Slots(3);
    expect(slots.free).toBe(3);
    const shared = slots.shared();
    expect(slots.free).toBe(2);
    const alone = slots.exclusive();
    expect(slots.free).toBe(0);
    leave(alone);
    leave(shared);
    expect(slots.free).toBe(3);
  });

  test('give a place alone only once everybody else has left', async () => {
    const slots = new Slots(3);
    const others = [slots.shared(), slots.shared()];
    const alone = slots.exclusive();
    for (const other of others) {
      expect(await isGranted(alone)).toBe(false);
      leave(other);
    }
    expect(await isGranted(alone)).toBe(true);
  });

  test('let those who share go before one who waits to be alone', async () => {
    const slots = new Slots(3);
    const first = slots.shared();
    const alone = slots.exclusive();
    const late = slots.shared();
    expect(await isGranted(late)).toBe(true);
    leave(first);
    expect(await isGranted(alone)).toBe(false);
    leave(late);
    expect(await isGranted(alone)).toBe(true);
  });

  test('let nobody in beside one who is alone, and the alone one after the other', async () => {
    const slots = new Slots(3);
    const [first, second, shared] = [slots.exclusive(), slots.exclusive(), slots.shared()];
    expect(await isGranted(first)).toBe(true);
    expect(await isGranted(second)).toBe(false);
    expect(await isGranted(shared)).toBe(false);
    leave(first);
    expect(await isGranted(shared)).toBe(true);
    expect(await isGranted(second)).toBe(false);
    leave(shared);
    expect(await isGranted(second)).toBe(true);
  });

  test('forget one who leaves before it was its turn', async () => {
    const slots = new Slots(1);
    const first = slots.shared();
    const waiting = slots.exclusive();
    const end = new AbortController();
    const turn = waiting.granted(end.signal);
    end.abort(new Error('draining'));
    await expect(turn).rejects.toThrow('draining');
    leave(waiting);
    expect(slots.free).toBe(0);
    leave(first);
    expect(slots.free).toBe(1);
  });
});
