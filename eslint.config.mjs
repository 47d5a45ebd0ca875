import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { boundaryRules, projectConstraints } from './tools/boundaries/src/lint-rules.ts';
import { PURE_PARTS_OF_APPS } from './tools/boundaries/src/table.ts';

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '.nx', '.labelfleet'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          // Nx refuses every import of an app. These parts are pure, and only tools may import them.
          allow: [...PURE_PARTS_OF_APPS],
          enforceBuildableLibDependency: false,
          depConstraints: [
            ...projectConstraints,
            // Nx cannot tell tests from other files; boundaryRules keep testkit out of these.
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: ['type:lib', 'type:tool', 'type:testkit'],
            },
            { sourceTag: 'type:testkit', onlyDependOnLibsWithTags: ['type:tool'] },
            {
              sourceTag: 'type:verification',
              onlyDependOnLibsWithTags: [
                'type:lib',
                'type:tool',
                'type:testkit',
                'type:verification',
              ],
            },
          ],
        },
      ],
    },
  },
  ...boundaryRules,
);
