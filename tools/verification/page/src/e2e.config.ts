import { defineConfig } from 'vitest/config';

const loopback = '127.0.0.1,localhost,::1,[::1]';

/** Tests of the page in Chromium. They run one after the other, because each needs all cores. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    // A proxy set by NODE_USE_ENV_PROXY=1 cannot reach the tested servers on this machine.
    env: { NO_PROXY: loopback, no_proxy: loopback },
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
