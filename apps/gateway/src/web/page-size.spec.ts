import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readWebFiles } from './web-files.ts';

const MAX_BYTES = 25 * 1024;

test('page, script and style together have at most 25 KB in gzip', async () => {
  const files = await readWebFiles({ maxImageBytes: 33_554_432 });
  const sizes = (['/', '/page.js', '/page.css'] as const).map(
    (path) => gzipSync(files[path].body, { level: 9 }).length,
  );
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(MAX_BYTES);
});

test('the page says what the gateway accepts', async () => {
  const files = await readWebFiles({ maxImageBytes: 10_485_760 });
  const page = new TextDecoder().decode(files['/'].body);
  expect(page).toContain('data-max-bytes="10485760"');
  expect(page).toContain('up to 10 MB each');
  expect(page).not.toContain('{');
});
