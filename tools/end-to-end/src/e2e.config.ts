import { defineConfig } from 'vitest/config';

/** Whole-product tests: slow, and one after the other, because each wants both the cores and the ports. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
