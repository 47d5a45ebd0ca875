import { BOUNDARIES, FOR_TESTS, type Boundary } from './table.ts';

/** The files of a project that are tests or exist for them. */
const testFiles = (root: string) => [`${root}/**/*.spec.ts`, `${root}/**/testing/**/*.ts`];

/** ESLint settings, one pair per project of the table: its own files, and its tests. */
export const boundaryRules = Object.entries(BOUNDARIES).flatMap(([name, boundary]) => [
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

function allowOnly(who: string, boundary: Boundary) {
  const allowed = [
    '\\.{1,2}/.*',
    ...(boundary.node ? ['node:.*'] : []),
    ...boundary.projects,
    ...boundary.packages.map((name) => `${name}(/.*)?`),
  ];
  const imports = [...boundary.projects, ...boundary.packages].join(', ') || 'nothing';
  return {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!(${allowed.join('|')})$)`,
            message: `${who} may import ${imports} (tools/boundaries/src/table.ts).`,
          },
        ],
      },
    ],
  } as const;
}

/** Nx tags: which project may depend on which, seen through relative paths as well. */
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
