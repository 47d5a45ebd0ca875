import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs the packages of this project at its first use, and when its lockfile has changed since. */
function install(): void {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const installed = `${folder}node_modules/.package-lock.json`;
  const wanted = `${folder}package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  process.stderr.write('Installing what deploying needs (about 250 MB) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-workspaces', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

install();
