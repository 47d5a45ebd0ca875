import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that wait for time-outs and leases of processes, or start many of them: `npm run test:slow`. */
const slow = 'src/**/*.slow.spec.ts';
const onlySlow = process.env.SLOW_TESTS === 'true';
const loopback = '127.0.0.1,localhost,::1,[::1]';

export default defineConfig({
  test: {
    include: onlySlow ? [slow] : ['src/**/*.spec.ts'],
    exclude: onlySlow ? configDefaults.exclude : [...configDefaults.exclude, slow],
    environment: 'node',
    // The tests' own servers are on this machine: a proxy of NODE_USE_ENV_PROXY=1 cannot reach them.
    env: { NO_PROXY: loopback, no_proxy: loopback },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Its default of 1 s is too short where other tests run on the same cores.
    expect: { poll: { timeout: 10_000 } },
  },
});
