import { build, type BuildOptions, type Metafile } from 'esbuild';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundledPackages, thirdPartyNotices } from './notices.ts';
import { pruneLockfile, type LockedPackages } from './prune-lockfile.ts';

/** Packages with native code, which are not bundled but installed in the bundle's folder. */
const NATIVE = ['onnxruntime-node', 'sharp'];

/** The field `bundle` of an app's package.json. */
interface BundleSettings {
  /** Source files, relative to the app's folder, that each become one output file of the same name. */
  entries: string[];
  /** A source file that exports `buildPage`, which builds files of a web page, by their names in `web/`. */
  page?: string;
  /** Folders to copy, from a path in the app's folder to a path in the bundle's. */
  assets?: { from: string; to: string }[];
}

interface AppPackage {
  name: string;
  version: string;
  bundle: BundleSettings;
}

/** The esbuild options that make a Node program one compact file with a source map. */
export const NODE_BUNDLE = {
  bundle: true,
  // What is imported dynamically, such as OpenTelemetry, is a separate file, which is read only when it is needed.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: NATIVE,
  sourcemap: 'linked',
  // Identifiers stay: shorter ones would need code that names each function when it is made, also closures, which
  // costs 5 % of the CPU of an AWS call.
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  mainFields: ['module', 'main'],
  // Bundled CommonJS packages call require for Node's own modules; an ES module has none.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

export interface BundleOptions {
  /** The workspace's folder. Default: the current folder. */
  workspace?: string;
  /** The output folder, relative to the workspace. Default: `dist/<root>`. */
  out?: string;
  plugins?: BuildOptions['plugins'];
}

/**
 * Builds an app into a folder that runs with `node main.js`. The folder contains one compact file with a source map per
 * entry, the assets, the licences of everything inside, and a package.json and lockfile of the native packages, which `npm ci --omit=dev` installs there.
 * @param root the app's folder, relative to the workspace
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
  if (app.bundle.page !== undefined) {
    const source = pathToFileURL(resolve(from(join(root, app.bundle.page)))).href;
    const { buildPage } = (await import(source)) as {
      buildPage: () => Readonly<Record<string, Uint8Array>>;
    };
    for (const [name, bytes] of Object.entries(buildPage()))
      await writeFile(from(join(out, 'web', name)), bytes);
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
