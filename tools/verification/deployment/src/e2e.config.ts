import { defineConfig } from 'vitest/config';

const loopback = '127.0.0.1,localhost,::1,[::1]';

/** Tests of what an instance is made of. They run one after the other, because they share `dist`. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.ts'],
    environment: 'node',
    // A proxy set by NODE_USE_ENV_PROXY=1 cannot reach the tested servers on this machine.
    env: { NO_PROXY: loopback, no_proxy: loopback },
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 600_000,
  },
});
