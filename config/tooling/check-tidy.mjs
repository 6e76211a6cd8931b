#!/usr/bin/env node
// Our own small lint: names, leftovers, tests that no runner finds, documents. Usage: check-tidy.mjs [ROOT]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'));
const BYTES_MAX = 512 * 1024;
const BANNED_NAMES = /^(utils?|helpers?|common|shared|misc)\.(ts|mjs)$/;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  maxBuffer: 64 * 1024 * 1024,
})
  .toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

const problems = files.flatMap((file) => problemsOf(file).map((problem) => `${file}: ${problem}`));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

function problemsOf(file) {
  const problems = [];
  const path = join(root, file);
  if (statSync(path).isDirectory()) return problems;
  if (statSync(path).size > BYTES_MAX && basename(file) !== 'package-lock.json')
    problems.push('larger than 512 KB');
  if (BANNED_NAMES.test(basename(file)))
    problems.push('a name that says nothing; name the file for what it holds');
  if (file.endsWith('.ts') && !file.includes('/generated/'))
    problems.push(...sourceProblems(file, read(path)));
  if (file.endsWith('.md')) problems.push(...documentProblems(read(path)));
  return problems;
}

function sourceProblems(file, text) {
  const problems = [];
  if (
    basename(file) === 'index.ts' &&
    !/^(libs|connectors|apps|test)\/[^/]+\/src\/index\.ts$/.test(file)
  ) {
    problems.push('the only index of a package is src/index.ts');
  }
  if (/\b(test|it|describe)\.(only|skip)[.(]|\bx(it|describe)\(/.test(text))
    problems.push('a focused or skipped test');
  if (/\b(TODO|FIXME|XXX)\b/.test(text)) problems.push('a leftover note; do it or write an issue');
  if (
    /^\s*(test|describe)\(/m.test(text) &&
    text.includes('@jest/globals') &&
    !/\/test\/.*\.test\.ts$/.test(`/${file}`) &&
    // Run by hand against a broker of others; how stands in the file.
    !/^test\/compatibility\/peers\/[^/]+\.peer\.ts$/.test(file)
  ) {
    problems.push('tests that no runner finds; name it *.test.ts below a test folder');
  }
  return problems;
}

function documentProblems(text) {
  const titles = text.replace(/```[\s\S]*?```/g, '').match(/^# /gm) ?? [];
  return titles.length === 1 ? [] : [`${titles.length} titles; a document has one`];
}

function read(path) {
  return readFileSync(path, 'utf8');
}
