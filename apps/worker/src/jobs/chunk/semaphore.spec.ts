import { expect, test } from 'vitest';
import { letOthersRun } from '../../testing/fake-clock.ts';
import { Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

/** Acquires, and says in a list when that is granted. */
function inOrder(semaphore: Semaphore) {
  const granted: string[] = [];
  const acquire = (name: string, amount: number, signal = never) =>
    semaphore.acquire(amount, signal).then((permit) => {
      granted.push(name);
      return permit;
    });
  return { granted, acquire };
}

test('grants as much as there is, in the order of the calls', async () => {
  const { granted, acquire } = inOrder(new Semaphore(10));
  const a = await acquire('a', 6);
  const large = acquire('large', 5);
  const small = acquire('small', 1);
  await letOthersRun();
  // The small one fits, but must not keep the large one waiting for ever.
  expect(granted).toEqual(['a']);
  a[Symbol.dispose]();
  await Promise.all([large, small]);
  expect(granted).toEqual(['a', 'large', 'small']);
});

test('grants everything to who wants more than there is', async () => {
  const { granted, acquire } = inOrder(new Semaphore(10));
  const a = await acquire('a', 1);
  const huge = acquire('huge', 99);
  await letOthersRun();
  expect(granted).toEqual(['a']);
  a[Symbol.dispose]();
  (await huge)[Symbol.dispose]();
  await acquire('all', 10);
});

test('takes back what a permit gives up, once', async () => {
  const { granted, acquire } = inOrder(new Semaphore(10));
  const a = await acquire('a', 10);
  const b = acquire('b', 4);
  a.resize(6);
  await b;
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  a.resize(10);
  await acquire('c', 6);
  const d = acquire('d', 1);
  await letOthersRun();
  expect(granted).toEqual(['a', 'b', 'c']);
  (await b)[Symbol.dispose]();
  await d;
});

test('lets the next one pass when a call is canceled', async () => {
  const { granted, acquire } = inOrder(new Semaphore(10));
  await acquire('a', 9);
  const cancel = new AbortController();
  const large = acquire('large', 5, cancel.signal);
  const small = acquire('small', 1);
  cancel.abort(new Error('draining'));
  await expect(large).rejects.toThrow('draining');
  await small;
  expect(granted).toEqual(['a', 'small']);
  await expect(acquire('late', 1, cancel.signal)).rejects.toThrow('draining');
});
