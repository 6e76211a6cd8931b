import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Time, chance, the environment and HTTP are parameters below the apps (ARCHITECTURE D10). */
const portsOnly = {
  'no-restricted-globals': [
    'error',
    { name: 'setTimeout', message: 'use the Clock port' },
    { name: 'setInterval', message: 'use the Clock port' },
    { name: 'fetch', message: 'take an HTTP client as a parameter' },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'use the Clock port' },
    { object: 'Math', property: 'random', message: 'use the Random port' },
    {
      object: 'process',
      property: 'env',
      message: 'only apps/*/src/config.ts reads the environment',
    },
  ],
  'no-restricted-imports': [
    'error',
    { patterns: [{ group: ['@nestjs/*'], message: 'NestJS lives in apps' }] },
  ],
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/generated/**', 'coverage/**', 'data/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
    },
  },
  {
    files: ['libs/*/src/**/*.ts', 'connectors/*/src/**/*.ts'],
    ignores: ['libs/foundation/src/system-ports.ts', 'libs/testkit/**'],
    rules: portsOnly,
  },
);
