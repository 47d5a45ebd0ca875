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
  test('grant an exclusive slot once all others are given back', async () => {
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

  test('forget a slot that is given back before it was granted, and count one that is given back twice once', async () => {
    const slots = new Slots(1);
    const first = slots.shared();
    const waiting = slots.exclusive();
    const end = new AbortController();
    const granted = waiting.granted(end.signal);
    end.abort(new Error('draining'));
    await expect(granted).rejects.toThrow('draining');
    free(waiting);
    free(waiting);
    expect(slots.room).toBe(0);
    free(first);
    expect(slots.room).toBe(1);
  });
});

describe('the room of a worker with two classifier processes and three slots', () => {
  test.each([
    ['before the first image', 0, 0, 3],
    ['before the first image, with two open', 0, 2, 1],
    ['before the first image, with three open', 0, 3, 0],
    ['with images of 10 s', 0.0002, 0, 3],
    ['with images of 10 s and three open', 0.0002, 3, 0],
    ['with images of 1 s', 0.002, 0, 5],
    ['with images of 1 s and three open', 0.002, 3, 0],
    ['with images of 100 ms', 0.02, 2, 10],
    ['with images of 100 ms and three open', 0.02, 3, 0],
    ['with images of 10 ms', 0.2, 11, 10],
    ['with images of 10 ms and 12 open', 0.2, 12, 0],
  ])('%s: %s images per ms, %s open, room for %s', (_, perMs, open, room) => {
    const slots = new Slots(3, () => perMs);
    for (let n = 0; n < open; n++) slots.shared();
    expect(slots.room).toBe(room);
  });

  test('is none while an exclusive slot is reserved', () => {
    const slots = new Slots(3, () => 0.2);
    const exclusive = slots.exclusive();
    expect(slots.room).toBe(0);
    free(exclusive);
    expect(slots.room).toBe(10);
  });

  test('grant an exclusive slot once no image of a job is in a classifier process, and begin none meanwhile', async () => {
    const slots = new Slots(3);
    const places = [slots.placeForJob(), slots.placeForJob()];
    expect(slots.room).toBe(3);
    const exclusive = slots.exclusive();
    expect(slots.placeForJob()).toBeUndefined();
    let isSharing = false;
    const sharing = slots.sharing(forever).then(() => (isSharing = true));
    for (const place of places) {
      expect(await isGranted(exclusive)).toBe(false);
      place?.[Symbol.dispose]();
    }
    expect(await isGranted(exclusive)).toBe(true);
    expect(isSharing).toBe(false);
    free(exclusive);
    await sharing;
    expect(slots.placeForJob()).toBeDefined();
    expect(await isGranted(slots.shared())).toBe(true);
  });

  test('end the wait of an image of a job by its signal', async () => {
    const slots = new Slots(1);
    slots.exclusive();
    const drain = new AbortController();
    const sharing = slots.sharing(drain.signal);
    drain.abort(new Error('draining'));
    await expect(sharing).rejects.toThrow('draining');
  });
});
