import { defineConfig } from 'vitest/config';

const loopback = '127.0.0.1,localhost,::1,[::1]';

/** Whole-product tests: slow, and one after the other, because each wants both the cores and the ports. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    // What is tested is on this machine: a proxy of NODE_USE_ENV_PROXY=1 cannot reach it.
    env: { NO_PROXY: loopback, no_proxy: loopback },
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
