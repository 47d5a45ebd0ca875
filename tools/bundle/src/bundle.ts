import { build, type BuildOptions, type Metafile } from 'esbuild';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { bundledPackages, thirdPartyNotices } from './notices.ts';
import { pruneLockfile, type LockedPackages } from './prune-lockfile.ts';

/** Packages with native code: they stay outside the bundle and are installed beside it. */
const NATIVE = ['onnxruntime-node', 'sharp'];

/** What an app's package.json says of its bundle, under `bundle`. */
interface BundleSettings {
  /** Source files that become files of their own, from the app's folder; each is named as its source. */
  entries: string[];
  /** Folders to copy beside them: from (the app's folder), to (the bundle's). */
  assets?: { from: string; to: string }[];
}

interface AppPackage {
  name: string;
  version: string;
  bundle: BundleSettings;
}

/** How a Node program is made one file, minified and with a source map. */
export const NODE_BUNDLE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: NATIVE,
  sourcemap: 'linked',
  minify: true,
  keepNames: true,
  metafile: true,
  mainFields: ['module', 'main'],
  // Bundled CommonJS packages call require for Node's own modules; an ES module has none.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

export interface BundleOptions {
  /** The workspace's folder; the current one. */
  workspace?: string;
  /** Where it goes, from the workspace's folder; `dist/<root>`. */
  out?: string;
  plugins?: BuildOptions['plugins'];
}

/**
 * Builds an app into a folder that runs by itself with `node main.js`: its entries, each one minified file
 * with a source map, its assets, the licences of all that is in it, and, for the native packages it uses, a
 * package.json and lockfile, so that `npm ci --omit=dev` there completes it.
 * @param root the app's folder, from the workspace's
 * @returns the bundle's folder
 */
export async function bundle(
  root: string,
  { workspace = '.', out = join('dist', root), plugins = [] }: BundleOptions = {},
): Promise<string> {
  const from = (path: string) => join(workspace, path);
  const app = JSON.parse(await readFile(from(join(root, 'package.json')), 'utf8')) as AppPackage;
  await rm(from(out), { recursive: true, force: true });
  const { metafile } = await build({
    ...NODE_BUNDLE,
    absWorkingDir: resolve(workspace),
    entryPoints: Object.fromEntries(
      app.bundle.entries.map((entry) => [basename(entry, '.ts'), join(root, entry)]),
    ),
    outdir: out,
    plugins: [...plugins],
  });
  for (const asset of app.bundle.assets ?? []) {
    await cp(from(join(root, asset.from)), from(join(out, asset.to)), { recursive: true });
  }
  const installed = await writePackage(app, workspace, out, nativePackages(metafile));
  const notices = await thirdPartyNotices(workspace, bundledPackages(metafile), installed);
  await writeFile(from(join(out, 'THIRD-PARTY-NOTICES')), notices);
  await cp(from('LICENSE'), from(join(out, 'LICENSE')));
  return out;
}

function nativePackages(metafile: Metafile): string[] {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return NATIVE.filter((name) => imports.some((used) => used.external && used.path === name));
}

/** @returns what will be installed beside the bundle */
async function writePackage(
  app: AppPackage,
  workspace: string,
  to: string,
  native: string[],
): Promise<LockedPackages> {
  const out = join(workspace, to);
  const lock = JSON.parse(await readFile(join(workspace, 'package-lock.json'), 'utf8')) as {
    packages: LockedPackages;
  };
  const packages = pruneLockfile(lock.packages, native);
  const dependencies = Object.fromEntries(
    native.map((name) => [name, packages[`node_modules/${name}`]?.version ?? '*']),
  );
  const head = { name: app.name, version: app.version };
  const engines = { node: '>=24' };
  await writeJson(join(out, 'package.json'), {
    ...head,
    private: true,
    type: 'module',
    main: 'main.js',
    engines,
    dependencies,
  });
  await writeJson(join(out, 'package-lock.json'), {
    ...head,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { ...head, engines, dependencies }, ...packages },
  });
  // onnxruntime-node's install script would download GPU libraries; the CPU ones are in the package.
  await writeFile(join(out, '.npmrc'), 'ignore-scripts=true\n');
  return packages;
}

const writeJson = (path: string, value: unknown) =>
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
