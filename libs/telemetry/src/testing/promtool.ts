import { spawnSync } from 'node:child_process';

/** Prometheus' own checker. Debian has it in the package prometheus; .ci/run installs it, so no test is skipped there. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** For the names of tests that need it. */
export const NEEDS_PROMTOOL = hasPromtool
  ? ''
  : ' (skipped: promtool is missing; it is in the Debian package prometheus)';

/** Runs it. @returns its exit code, and all that it printed */
export function promtool(args: readonly string[], input = ''): { code: number; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { code: status ?? -1, output: `${stdout}${stderr}` };
}
