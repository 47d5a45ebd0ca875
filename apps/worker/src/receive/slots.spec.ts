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
const free = (slot: Slot) => slot[Symbol.dispose]();

describe('slots', () => {
  test('are granted up to their count, and the next one waits until one is free', async () => {
    const slots = new Slots(2);
    const [first, second, third] = [slots.shared(), slots.shared(), slots.shared()];
    expect(await isGranted(first)).toBe(true);
    expect(await isGranted(second)).toBe(true);
    expect(await isGranted(third)).toBe(false);
    free(first);
    expect(await isGranted(third)).toBe(true);
  });

  test('count as free as long as they can be reserved now', () => {
    const slots = new Slots(3);
    expect(slots.free).toBe(3);
    const shared = slots.shared();
    expect(slots.free).toBe(2);
    const exclusive = slots.exclusive();
    expect(slots.free).toBe(0);
    free(exclusive);
    free(shared);
    expect(slots.free).toBe(3);
  });

  test('grant an exclusive slot once all others are free', async () => {
    const slots = new Slots(3);
    const others = [slots.shared(), slots.shared()];
    const exclusive = slots.exclusive();
    for (const other of others) {
      expect(await isGranted(exclusive)).toBe(false);
      free(other);
    }
    expect(await isGranted(exclusive)).toBe(true);
  });

  test('grant shared slots before an exclusive one', async () => {
    const slots = new Slots(3);
    const first = slots.shared();
    const exclusive = slots.exclusive();
    const late = slots.shared();
    expect(await isGranted(late)).toBe(true);
    free(first);
    expect(await isGranted(exclusive)).toBe(false);
    free(late);
    expect(await isGranted(exclusive)).toBe(true);
  });

  test('grant nothing while an exclusive slot is in use, and exclusive slots one after the other', async () => {
    const slots = new Slots(3);
    const [first, second, shared] = [slots.exclusive(), slots.exclusive(), slots.shared()];
    expect(await isGranted(first)).toBe(true);
    expect(await isGranted(second)).toBe(false);
    expect(await isGranted(shared)).toBe(false);
    free(first);
    expect(await isGranted(shared)).toBe(true);
    expect(await isGranted(second)).toBe(false);
    free(shared);
    expect(await isGranted(second)).toBe(true);
  });

  test('forget a slot that is disposed of before it was granted', async () => {
    const slots = new Slots(1);
    const first = slots.shared();
    const waiting = slots.exclusive();
    const end = new AbortController();
    const granted = waiting.granted(end.signal);
    end.abort(new Error('draining'));
    await expect(granted).rejects.toThrow('draining');
    free(waiting);
    expect(slots.free).toBe(0);
    free(first);
    expect(slots.free).toBe(1);
  });
});
