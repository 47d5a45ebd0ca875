import { ESLint } from 'eslint';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { BOUNDARIES, PROJECT_SPECIFIERS, PURE_PARTS_OF_APPS } from './table.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** The workspace's own rules, less those that need types: planted files are in no program. */
const eslint = new ESLint({
  cwd: workspace,
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});

async function refusals(filePath: string, specifier: string): Promise<string[]> {
  const [result] = await eslint.lintText(`export * from '${specifier}';\n`, { filePath });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const OUTSIDE = [
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
  [...PROJECT_SPECIFIERS, ...PURE_PARTS_OF_APPS, ...OUTSIDE]
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
    '$name is pure: it may not import what only Node has',
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

test('every project of the workspace with a type of its own is in the table', async () => {
  const roots = await Promise.all(
    ['apps', 'libs'].map(async (folder) =>
      (await readdir(`${workspace}/${folder}`)).map((name) => `${folder}/${name}`),
    ),
  );
  expect(new Set(projects.map(([, { root }]) => root))).toEqual(new Set(roots.flat()));
});
