import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const tooling = join(import.meta.dirname, '..');
const repository = join(tooling, '../..');
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-checks-'));
  execFileSync('git', ['init', '-q', root]);
  mkdirSync(join(root, 'config/tooling'), { recursive: true });
  copyFileSync(join(tooling, 'layers.json'), join(root, 'config/tooling/layers.json'));
  plantPackage('libs/foundation', []);
  plantPackage('libs/config', ['foundation']);
  plantPackage('libs/runtime', ['config', 'kafka-client']);
  plantPackage('libs/kafka-client', []);
  plantPackage('connectors/file', ['connector-api', 'runtime']);
  plantPackage('apps/worker', ['runtime']);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function plantPackage(path: string, dependencies: readonly string[]): void {
  const manifest = {
    name: `@millrace/${path.split('/')[1] ?? ''}`,
    dependencies: Object.fromEntries(dependencies.map((name) => [`@millrace/${name}`, '0.1.0'])),
  };
  plant(`${path}/package.json`, JSON.stringify(manifest));
  plant(`${path}/src/index.ts`, 'export {};\n');
}

function check(script: string): { readonly status: number | null; readonly output: string } {
  const result = spawnSync(process.execPath, [join(tooling, script), root], { encoding: 'utf8' });
  return { status: result.status, output: result.stderr };
}

test('a tree without violations passes both checks', () => {
  plant(
    'libs/runtime/src/task.ts',
    "import { x } from '@millrace/config';\nimport { y } from './herder.ts';\n",
  );
  plant('README.md', '# Title\n');
  expect(check('check-layers.mjs')).toEqual({ status: 0, output: '' });
  expect(check('check-tidy.mjs')).toEqual({ status: 0, output: '' });
});

test.each([
  [
    'an import up the layers',
    'libs/config/src/a.ts',
    "import type { Herder } from '@millrace/runtime';",
    'missing from the dependencies',
  ],
  [
    'a connector that knows the runtime',
    'connectors/file/src/a.ts',
    "import { x } from '@millrace/runtime';",
    'a connector may not import',
  ],
  [
    'NestJS in a library',
    'libs/config/src/a.ts',
    "import { Injectable } from '@nestjs/common';",
    'belongs to apps only',
  ],
  [
    'NestJS by dynamic import',
    'libs/config/src/a.ts',
    "const nest = await import('@nestjs/core');",
    'belongs to apps only',
  ],
  [
    'a reach into another package',
    'apps/worker/src/a.ts',
    "import { x } from '../../../libs/runtime/src/herder.ts';",
    'reaches into another package',
  ],
  [
    'testkit outside of tests',
    'libs/runtime/src/a.ts',
    "import { x } from '@millrace/testkit';",
    'for tests alone',
  ],
  [
    'an import over several lines',
    'libs/config/src/a.ts',
    "import {\n  a,\n  b,\n} from '@millrace/kafka-client';",
    'missing from the dependencies',
  ],
])('%s is refused', (_, file, text, message) => {
  plant(file, text);
  const { status, output } = check('check-layers.mjs');
  expect(output).toContain(message);
  expect(status).toBe(1);
});

test('an upward import is refused even when the dependency is declared', () => {
  plantPackage('libs/config', ['foundation', 'runtime']);
  plant('libs/config/src/a.ts', "import { x } from '@millrace/runtime';");
  expect(check('check-layers.mjs').output).toContain('stands below or beside');
});

test('an import inside a comment is none', () => {
  plant(
    'libs/config/src/a.ts',
    "/** import { x } from '@nestjs/common'; */\n// import '@millrace/runtime'\nexport {};\n",
  );
  expect(check('check-layers.mjs').status).toBe(0);
});

test.each([
  ['a file name that says nothing', 'libs/config/src/utils.ts', 'export {};', 'says nothing'],
  ['a second index', 'libs/config/src/a/index.ts', 'export {};', 'the only index'],
  [
    'a focused test',
    'libs/config/test/a.test.ts',
    ['test', ".only('x', () => {});"].join(''),
    'focused or skipped',
  ],
  ['a leftover', 'libs/config/src/a.ts', ['// TO', 'DO later'].join(''), 'leftover'],
  [
    'a test that no runner finds',
    'libs/config/test/a.spec.ts',
    "import { test } from '@jest/globals';\ntest('x', () => {});",
    'no runner finds',
  ],
  ['a document with two titles', 'docs/a.md', '# One\n\n# Two\n', '2 titles'],
])('%s is refused', (_, file, text, message) => {
  plant(file, text);
  const { status, output } = check('check-tidy.mjs');
  expect(output).toContain(message);
  expect(status).toBe(1);
});

/** ESLint on a source text as if it stood in a library of this repository. */
function lint(text: string, file = 'libs/foundation/src/errors.ts'): string {
  const result = spawnSync(
    process.execPath,
    [join(repository, 'node_modules/eslint/bin/eslint.js'), '--stdin', '--stdin-filename', file],
    { cwd: repository, input: text, encoding: 'utf8' },
  );
  return result.stdout + result.stderr;
}

test('ESLint refuses ambient time, chance, environment, timers and NestJS in a library', () => {
  const output = lint(`import { Injectable } from '@nestjs/common';
export const a = Date.now();
export const b = Math.random();
export const c = process.env;
export const d = setTimeout;
export default Injectable;
`);
  for (const message of [
    'Clock port',
    'Random port',
    'reads the environment',
    'NestJS lives in apps',
    'no-default-export',
  ]) {
    expect(output).toContain(message);
  }
}, 60_000);

test('ESLint finds a cycle of imports', () => {
  const output = lint("import { isRetriable } from './retry.ts';\nexport const a = isRetriable;\n");
  expect(output).toContain('no-cycle');
}, 60_000);
