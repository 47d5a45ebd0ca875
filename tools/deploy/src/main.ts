import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const lockfile = `${folder}package-lock.json`;
/** A copy of the lockfile that was installed. */
const installed = `${folder}node_modules/.installed-lock.json`;

/** Installs the packages of this project at its first use, and when its lockfile has changed since. */
function install(): void {
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lockfile))) return;
  process.stderr.write('Installing what deploying needs (about 250 MB) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-workspaces', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  copyFileSync(lockfile, installed);
}

install();
if (process.argv[2] !== 'install') await import('./cli.ts');
