import { defineConfig } from 'vitest/config';

/** The tests run one after the other because each needs all cores, and longer than unit tests may take. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
