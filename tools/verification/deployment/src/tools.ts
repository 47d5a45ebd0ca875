import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { WORKSPACE } from './namespace.ts';

export const INSTANCE = join(WORKSPACE, 'tools/deploy/instance');

/** Why a tool's tests are skipped, as part of their title; undefined if the tool is here. */
export function missing(tool: string, debianPackage = tool): string | undefined {
  // nginx is in /usr/sbin, which is not in everybody's PATH.
  const { status } = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${tool}`]);
  return status === 0 ? undefined : `(no ${tool}: apt-get install ${debianPackage})`;
}

/** Runs a tool. @returns its exit code, and what it printed on either stream */
export function runTool(tool: string, args: readonly string[]) {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const { status, stdout, stderr } = spawnSync(tool, args, { env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
