import { defineConfig } from 'vitest/config';

/** Each wants the cores: one after the other, and longer than a unit test may take. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
