import { defineConfig, type ViteUserConfig } from 'vitest/config';

const loopback = '127.0.0.1,localhost,::1,[::1]';

/** Runs the tests of a project that start the product, file after file, because each needs all cores. */
export const e2eConfig = (timeouts: { testTimeout: number; hookTimeout: number }): ViteUserConfig =>
  defineConfig({
    test: {
      include: ['src/**/*.e2e.ts'],
      environment: 'node',
      // A proxy set by NODE_USE_ENV_PROXY=1 cannot reach the tested servers on this machine.
      env: { NO_PROXY: loopback, no_proxy: loopback },
      fileParallelism: false,
      ...timeouts,
    },
  });
