import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const WORKSPACE = join(import.meta.dirname, '../../../..');

/** A mount namespace, in which an instance's folders replace those of this machine. */
const UNSHARE = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];

/** Why no mount namespace can be made here, as part of the title of a skipped test; undefined if one can. */
export const noNamespace: string | undefined = (() => {
  const [program = '', ...args] = [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/opt'];
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `(no mount namespace: ${error?.message ?? stderr.trim()})`;
})();

/**
 * The command that runs a TypeScript file as the first process of a mount and a PID namespace. When the command is
 * killed, so is every process that it started.
 */
export const asMachine = (file: string, ...args: string[]): string[] => [
  ...UNSHARE,
  '--pid',
  '--fork',
  '--kill-child',
  process.execPath,
  file,
  ...args,
];

/**
 * The command that runs a shell script in a mount namespace whose /opt is empty and which lacks this repository.
 * @param args of the script, from `$1`
 */
export function inNamespace(script: string, ...args: string[]): string[] {
  const set = 'set -eu; cd /; mount -t tmpfs tmpfs /opt';
  // The repository goes last: the script's folders may be in it.
  return [...UNSHARE, 'bash', '-c', `${set}\n${script}`, 'instance', ...args];
}
