import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isRepeated, watchParent } from './stop-requests.ts';

test('a signal that comes with the first one is the same request', () => {
  expect(isRepeated(1000, 1000)).toBe(false);
  expect(isRepeated(1000, 1499)).toBe(false);
  expect(isRepeated(1000, 1500)).toBe(true);
});

test('a parent that had ended before it was watched is noticed', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  await new Promise<void>((resolve) => watchParent(gone.pid ?? 0, resolve));
});
