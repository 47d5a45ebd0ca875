import { readModelDir } from '@labelfleet/inference/model-tools';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { LockedPackages } from '../prune-lockfile.ts';
import type { Arch } from './arch.ts';
import { belongsInPack } from './pack-contents.ts';
import { packLockfile, type BundleLockfile } from './pack-lockfile.ts';
import { writeTarball } from './tarball.ts';

const run = promisify(execFile);

interface PackOptions {
  arch: Arch;
  /** A model directory that goes into the pack as `model`. */
  modelDir?: string | undefined;
  /** The workspace's folder. Default: the current folder. */
  workspace?: string;
}

interface Pack {
  /** From the workspace's folder. */
  file: string;
  sha256: string;
}

/**
 * Makes the pack of an app from its bundle: everything that an instance needs besides glibc and systemd, as
 * `dist/packs/<app>-linux-<arch>.tar.gz`, with its SHA-256 in a file next to it. Calls npm, which reads its cache or the registry.
 * @param root the app's folder, relative to the workspace
 * @throws ModelError if the model directory is not usable
 */
export async function pack(
  root: string,
  { arch, modelDir, workspace = '.' }: PackOptions,
): Promise<Pack> {
  if (modelDir !== undefined) await readModelDir(modelDir);
  const app = basename(root);
  const staging = await mkdtemp(join(tmpdir(), `pack-${app}-`));
  try {
    const contents = join(staging, 'contents');
    await cp(join(workspace, 'dist', root), contents, {
      recursive: true,
      filter: (source) => !['node_modules', '.npmrc'].includes(basename(source)),
    });
    await addPackages(join(staging, 'packages'), contents, { arch, workspace });
    const instance = join(workspace, 'tools/deploy/instance');
    await cp(join(instance, app), contents, { recursive: true });
    await cp(join(instance, 'logs'), join(contents, 'logs'), { recursive: true });
    if (modelDir !== undefined) {
      await cp(modelDir, join(contents, 'model'), { recursive: true, dereference: true });
      await writeFile(join(contents, 'pack.env'), `MODEL_DIR=/opt/labelfleet/${app}/model\n`);
    }
    const file = join('dist/packs', `${app}-linux-${arch}.tar.gz`);
    await mkdir(join(workspace, 'dist/packs'), { recursive: true });
    const sha256 = await writeTarball(contents, join(workspace, file));
    await writeFile(join(workspace, `${file}.sha256`), `${sha256}  ${basename(file)}\n`);
    return { file, sha256 };
  } finally {
    await rm(staging, { recursive: true });
  }
}

/** Installs Node and the native packages for another machine, and copies what is used of them. */
async function addPackages(
  installed: string,
  contents: string,
  { arch, workspace }: { arch: Arch; workspace: string },
): Promise<void> {
  const { packages } = await readJson<{ packages: LockedPackages }>(
    join(workspace, 'package-lock.json'),
  );
  const bundle = await readJson<BundleLockfile>(join(contents, 'package-lock.json'));
  const { manifest, lockfile } = packLockfile(bundle, packages, arch);
  await mkdir(installed);
  await writeFile(join(installed, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(installed, 'package-lock.json'), JSON.stringify(lockfile));
  // onnxruntime-node's install script would download GPU libraries.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  const target = ['--os=linux', `--cpu=${arch}`, '--libc=glibc'];
  await run('npm', ['ci', '--omit=dev', ...target, ...quiet], { cwd: installed });
  const modules = join(installed, 'node_modules');
  await cp(modules, join(contents, 'node_modules'), {
    recursive: true,
    filter: (source) => belongsInPack(relative(modules, source), arch),
  });
  const node = join(modules, `node-linux-${arch}`);
  await cp(join(node, 'bin/node'), join(contents, 'node'));
  await cp(join(node, 'LICENSE'), join(contents, 'LICENSE-node'));
}

const readJson = async <T>(path: string): Promise<T> =>
  JSON.parse(await readFile(path, 'utf8')) as T;
