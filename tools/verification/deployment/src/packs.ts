import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { inNamespace, WORKSPACE } from './namespace.ts';

export const APPS = ['gateway', 'worker', 'scaler'] as const;
export type App = (typeof APPS)[number];

const run = promisify(execFile);

/** Makes packs as a user does. */
export async function makePacks(
  apps: readonly App[],
  arch: string,
  ...options: string[]
): Promise<void> {
  const target = ['nx', 'run-many', '-t', 'pack', '-p', apps.join(','), '--arch', arch];
  await run('npx', [...target, ...options], {
    cwd: WORKSPACE,
    env: { ...process.env, NX_DAEMON: 'false', NX_DEFAULT_OUTPUT_STYLE: 'static' },
  });
}

export const packFile = (app: App, arch: string): string =>
  join(WORKSPACE, 'dist/packs', `${app}-linux-${arch}.tar.gz`);

/** Unpacks a pack into a subfolder. @returns the subfolder */
export async function unpack(app: App, arch: string, into: string): Promise<string> {
  const cwd = join(into, `${app}-${arch}`);
  await mkdir(cwd, { recursive: true });
  await extract({ file: packFile(app, arch), cwd });
  return cwd;
}

/**
 * The command that runs an unpacked app as its unit does: with that command line, in that folder, and with nothing
 * else of this workspace. Its environment has neither PATH nor HOME.
 */
export const asUnit = (app: App, unpacked: string): string[] =>
  inNamespace(
    `mkdir -p "/opt/labelfleet/$1"
     mount --bind "$2" "/opt/labelfleet/$1"
     mount -t tmpfs tmpfs "$3"
     unit="/opt/labelfleet/$1/labelfleet-$1.service"
     read_unit() { sed -n "s/^$1=//p" "$unit"; }
     cd "$(read_unit WorkingDirectory)"
     command=$(read_unit ExecStart)
     unset PATH HOME
     exec $command`,
    app,
    unpacked,
    WORKSPACE,
  );
