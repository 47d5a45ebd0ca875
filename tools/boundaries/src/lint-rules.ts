import { BOUNDARIES, FOR_TESTS, VERIFICATION_PROJECTS, type Boundary } from './table.ts';

/** The files of a project that are tests, or that only tests import. */
const testFiles = (root: string) => [`${root}/**/*.spec.ts`, `${root}/**/testing/**/*.ts`];

/** ESLint settings: for each project of the table one for all its files and one for its tests; and two for tools. */
export const boundaryRules = [...projectRules(), ...toolRules()];

function projectRules() {
  return Object.entries(BOUNDARIES).flatMap(([name, boundary]) => [
    { files: [`${boundary.root}/**/*.ts`], rules: allowOnly(name, boundary) },
    {
      files: testFiles(boundary.root),
      rules: allowOnly(`a test of ${name}`, {
        ...boundary,
        node: true,
        projects: [...boundary.projects, ...FOR_TESTS.projects],
        packages: [...boundary.packages, ...FOR_TESTS.packages],
      }),
    },
  ]);
}

function toolRules() {
  const besides = { ignores: ['tools/verification/**'] };
  const verification = {
    regex: `^(${VERIFICATION_PROJECTS.join('|')})(/|$)`,
    message: 'Only tools/verification may import its projects (tools/boundaries/src/table.ts).',
  };
  const testkit = {
    regex: '^@labelfleet/testkit(/|$)',
    message:
      'Only tests and tools/verification may import testkit (tools/boundaries/src/table.ts).',
  };
  return [
    { ...besides, files: ['tools/**/*.ts'], rules: forbid(verification, testkit) },
    { ...besides, files: testFiles('tools'), rules: forbid(verification) },
  ];
}

function allowOnly(who: string, boundary: Boundary) {
  const allowed = [
    '\\.{1,2}/.*',
    ...(boundary.node ? ['node:.*'] : []),
    ...boundary.projects,
    ...boundary.packages.map((name) => `${name}(/.*)?`),
  ];
  const imports = [...boundary.projects, ...boundary.packages].join(', ') || 'nothing';
  return forbid({
    regex: `^(?!(${allowed.join('|')})$)`,
    message: `${who} may import ${imports} (tools/boundaries/src/table.ts).`,
  });
}

function forbid(...patterns: { regex: string; message: string }[]) {
  return { 'no-restricted-imports': ['error', { patterns }] } as const;
}

/** Which project may depend on which, by Nx tags. Nx checks relative paths as well. */
export const projectConstraints = Object.entries(BOUNDARIES).map(([name, boundary]) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: [
    ...new Set(
      [...boundary.projects, ...FOR_TESTS.projects].map(
        (specifier) => `scope:${specifier.split('/')[1] ?? ''}`,
      ),
    ),
  ],
}));
