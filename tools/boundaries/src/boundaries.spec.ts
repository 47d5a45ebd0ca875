import { ESLint } from 'eslint';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import {
  BOUNDARIES,
  PROJECT_SPECIFIERS,
  PURE_PARTS_OF_APPS,
  TESTKIT_SPECIFIERS,
  VERIFICATION_PROJECTS,
} from './table.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** The workspace's rules without those that need types, because no program contains a planted file. */
const eslint = new ESLint({
  cwd: workspace,
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});

async function refusals(filePath: string, specifier: string): Promise<string[]> {
  const [result] = await eslint.lintText(`export * from '${specifier}';\n`, { filePath });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const PACKAGES = [
  '@aws-sdk/client-ec2',
  '@aws-sdk/client-s3',
  '@aws-sdk/client-sqs',
  '@hono/node-server',
  'hono',
  'onnxruntime-node',
  'pino',
  'sharp',
  'zod',
];

const projects = Object.entries(BOUNDARIES);
const belongsTo = (specifier: string, name: string) =>
  specifier === `@labelfleet/${name}` || specifier.startsWith(`@labelfleet/${name}/`);
const cells = projects.flatMap(([name, { root, projects, packages }]) =>
  [...PROJECT_SPECIFIERS, ...PURE_PARTS_OF_APPS, ...PACKAGES]
    .filter((specifier) => !belongsTo(specifier, name))
    .map((specifier) => ({
      name,
      root,
      specifier,
      allowed:
        projects.includes(specifier) ||
        packages.some((home) => specifier === home || specifier.startsWith(`${home}/`)),
    })),
);

describe('an import in a project of the table', () => {
  test.each(cells.filter(({ allowed }) => !allowed))(
    '$name may not import $specifier',
    async ({ root, specifier }) => {
      expect(await refusals(`${root}/src/planted.ts`, specifier)).toContain(
        'no-restricted-imports',
      );
    },
  );

  test.each(cells.filter(({ allowed }) => allowed))(
    '$name may import $specifier',
    async ({ root, specifier }) => {
      expect(await refusals(`${root}/src/planted.ts`, specifier)).toEqual([]);
    },
  );

  test.each(projects.filter(([, { node }]) => !node).map(([name, { root }]) => ({ name, root })))(
    '$name may not import a module of Node',
    async ({ root }) => {
      expect(await refusals(`${root}/src/planted.ts`, 'node:fs')).toContain(
        'no-restricted-imports',
      );
    },
  );

  test.each(projects.map(([name, { root }]) => ({ name, root })))(
    '$name may not reach into another project by a relative path',
    async ({ name, root }) => {
      const other = name === 'contracts' ? 'runtime/src/index.ts' : 'contracts/src/index.ts';
      expect(await refusals(`${root}/src/planted.ts`, `../../../libs/${other}`)).toContain(
        '@nx/enforce-module-boundaries',
      );
    },
  );

  test.each(
    projects.filter(([, { root }]) => root.startsWith('apps/')).map(([name]) => ({ name })),
  )('an app may not import the app $name', async ({ name }) => {
    const from = name === 'gateway' ? 'worker' : 'gateway';
    expect(await refusals(`apps/${from}/src/planted.ts`, `@labelfleet/${name}`)).toContain(
      'no-restricted-imports',
    );
  });
});

describe('an app or a lib', () => {
  const roots = projects.map(([, { root }]) => root);
  const tools = ['bundle', 'cli', 'loadgen', 'local-cloud', 'local-stack'].map(
    (name) => `@labelfleet/${name}`,
  );

  test.each(
    roots.flatMap((root) =>
      [...tools, ...VERIFICATION_PROJECTS].flatMap((specifier) =>
        [`${root}/src/planted.ts`, `${root}/src/planted.spec.ts`].map((path) => ({
          path,
          specifier,
        })),
      ),
    ),
  )('may not import $specifier ($path)', async ({ path, specifier }) => {
    expect(await refusals(path, specifier)).toContain('no-restricted-imports');
  });

  test.each(roots.flatMap((root) => TESTKIT_SPECIFIERS.map((specifier) => ({ root, specifier }))))(
    'may import $specifier in tests only ($root)',
    async ({ root, specifier }) => {
      expect(await refusals(`${root}/src/planted.ts`, specifier)).toContain(
        'no-restricted-imports',
      );
      expect(await refusals(`${root}/src/planted.spec.ts`, specifier)).toEqual([]);
      expect(await refusals(`${root}/src/testing/planted.ts`, specifier)).toEqual([]);
    },
  );
});

describe('a tool', () => {
  test.each(PURE_PARTS_OF_APPS)('may import %s', async (specifier) => {
    expect(await refusals('tools/verification/protocol-model/src/planted.ts', specifier)).toEqual(
      [],
    );
  });

  test.each(['gateway', 'worker', 'scaler'])(
    'may import nothing else of the app %s',
    async (app) => {
      expect(
        await refusals(
          'tools/verification/protocol-model/src/planted.ts',
          `../../../apps/${app}/src/config.ts`,
        ),
      ).toContain('@nx/enforce-module-boundaries');
    },
  );
});

describe('a tool outside tools/verification', () => {
  test.each(VERIFICATION_PROJECTS)('may not import %s, not even in tests', async (specifier) => {
    for (const path of [
      'cli/src/planted.ts',
      'cli/src/planted.spec.ts',
      'testkit/src/planted.ts',
    ]) {
      expect(await refusals(`tools/${path}`, specifier)).toContain('no-restricted-imports');
    }
  });

  test.each(TESTKIT_SPECIFIERS)('may import %s in tests only', async (specifier) => {
    expect(await refusals('tools/cli/src/planted.ts', specifier)).toContain(
      'no-restricted-imports',
    );
    expect(await refusals('tools/cli/src/planted.spec.ts', specifier)).toEqual([]);
    expect(await refusals('tools/cli/src/testing/planted.ts', specifier)).toEqual([]);
  });
});

test.each(TESTKIT_SPECIFIERS)('tools/verification may import %s', async (specifier) => {
  expect(await refusals('tools/verification/chaos/src/planted.ts', specifier)).toEqual([]);
});

test('the table has a row for every app and every lib', async () => {
  const roots = await Promise.all(
    ['apps', 'libs'].map(async (folder) =>
      (await readdir(`${workspace}/${folder}`)).map((name) => `${folder}/${name}`),
    ),
  );
  expect(new Set(projects.map(([, { root }]) => root))).toEqual(new Set(roots.flat()));
});

test('the table names every module that testkit exports', async () => {
  const { name, exports } = await readManifest('tools/testkit');
  const specifiers = Object.keys(exports).map((path) => path.replace('.', name));
  expect(new Set(TESTKIT_SPECIFIERS)).toEqual(new Set(specifiers));
});

test('the table names every project of tools/verification', async () => {
  const folders = await readdir(`${workspace}/tools/verification`);
  const manifests = await Promise.all(
    folders.map((folder) => readManifest(`tools/verification/${folder}`)),
  );
  expect(new Set(VERIFICATION_PROJECTS)).toEqual(new Set(manifests.map(({ name }) => name)));
});

async function readManifest(folder: string) {
  const manifest: unknown = JSON.parse(
    await readFile(`${workspace}/${folder}/package.json`, 'utf8'),
  );
  return manifest as { name: string; exports: Record<string, string> };
}
