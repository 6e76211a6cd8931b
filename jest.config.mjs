import { readdirSync } from 'node:fs';

/** Tests run on the TypeScript sources: every package of ours is mapped to its `src/index.ts`. */
const packages = ['libs', 'connectors', 'apps'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url)).map((name) => [
    `^@millrace/${name}$`,
    `<rootDir>/${folder}/${name}/src/index.ts`,
  ]),
);

export default {
  rootDir: import.meta.dirname,
  testMatch: ['**/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: Object.fromEntries([
    ...packages,
    ['^@millrace/testkit/contract$', '<rootDir>/libs/testkit/src/contract/contract.ts'],
    ['^@millrace/test-servers$', '<rootDir>/test/servers/src/index.ts'],
  ]),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/config/tooling/prepare-servers.mjs',
  // Only a bound, which a busy machine must not reach.
  testTimeout: 120_000,
  maxWorkers: 2,
};
