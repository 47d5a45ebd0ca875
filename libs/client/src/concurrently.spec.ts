import { expect, test } from 'vitest';
import { concurrently } from './concurrently.ts';

/** A task for each item, which the test ends. */
function startTasks(items: Iterable<string> | AsyncIterable<string>, limit: number) {
  const tasks = new Map<string, PromiseWithResolvers<void>>();
  const ended = concurrently(items, limit, (item) => {
    const task = Promise.withResolvers<void>();
    tasks.set(item, task);
    return task.promise;
  });
  return { tasks, ended, begun: () => [...tasks.keys()].join('') };
}

async function* later(text: string) {
  yield* text;
}

test.each([
  ['an array', [...'abcde']],
  ['a generator', later('abcde')],
])('begins the next item of %s when one has ended', async (_case, items) => {
  const { tasks, ended, begun } = startTasks(items, 2);
  await expect.poll(begun).toBe('ab');
  tasks.get('b')?.resolve();
  await expect.poll(begun).toBe('abc');
  for (const item of 'acde') {
    await expect.poll(() => tasks.get(item)).toBeDefined();
    tasks.get(item)?.resolve();
  }
  await ended;
});

test('rejects at the first failure and begins no further item', async () => {
  const { tasks, ended, begun } = startTasks([...'abcde'], 2);
  await expect.poll(begun).toBe('ab');
  tasks.get('a')?.reject(new Error('no'));
  await expect(ended).rejects.toThrow('no');
  tasks.get('b')?.resolve();
  await tasks.get('b')?.promise;
  expect(begun()).toBe('ab');
});
