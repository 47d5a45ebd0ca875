import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { boundaryRules, projectConstraints } from './tools/boundaries/src/lint-rules.ts';

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
          allow: [],
          enforceBuildableLibDependency: false,
          depConstraints: [
            ...projectConstraints,
            { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
          ],
        },
      ],
    },
  },
  ...boundaryRules,
);
