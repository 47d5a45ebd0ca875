import { expect, test } from 'vitest';

test('everything runs on Node 24, whichever Node the host has', () => {
  expect(process.versions.node).toMatch(/^24\./);
});
