import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const exec = promisify(execFile);

export const WORKSPACE = join(import.meta.dirname, '../../../../..');
/** Debian's, because another Python would find other libraries. */
export const PYTHON = '/usr/bin/python3';

const INSTALL = 'apt-get install curl wget apache2-utils python3-requests';

/** Why a program cannot be run, as a part of a test's name. Undefined if it can. */
export async function missing(program: string, args = ['--version']): Promise<string | undefined> {
  if (!existsSync(program)) return `(skipped: ${program} is missing: ${INSTALL})`;
  return await exec(program, args).then(
    () => undefined,
    () => `(skipped: ${program} ${args.join(' ')} fails: ${INSTALL})`,
  );
}

/** Runs a command as a person would type it, in the workspace. @throws Error with its error output if it fails */
export async function shell(command: string): Promise<string> {
  const env = { PATH: '/usr/bin:/bin', no_proxy: '127.0.0.1' };
  const { stdout } = await exec('bash', ['-c', command], { cwd: WORKSPACE, env });
  return stdout;
}
