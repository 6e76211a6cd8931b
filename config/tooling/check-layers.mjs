#!/usr/bin/env node
// Refuses imports that go up the layers in layers.json. Usage: check-layers.mjs [ROOT]
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '../..'));
const layers = JSON.parse(readFileSync(join(root, 'config/tooling/layers.json'), 'utf8'));
const levelOf = new Map(layers.order.flatMap((names, level) => names.map((name) => [name, level])));
const IMPORT =
  /(?:^|[^\w.])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[^\w.])import\s*\(?\s*['"]([^'"]+)['"]/gm;

const packages = ['libs', 'connectors', 'apps', 'test'].flatMap((folder) => packagesIn(folder));
const problems = packages.flatMap(checkPackage);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`${problems.length} violation(s) of the layers in config/tooling/layers.json`);
  process.exit(1);
}

function packagesIn(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => existsSync(join(path, name, 'package.json')))
    .map((name) => {
      const manifest = JSON.parse(readFileSync(join(path, name, 'package.json'), 'utf8'));
      return {
        folder,
        path: `${folder}/${name}`,
        name: manifest.name.replace('@millrace/', ''),
        manifest,
      };
    });
}

function checkPackage(pkg) {
  return sourcesIn(join(root, pkg.path)).flatMap((file) => {
    const isTest = relative(join(root, pkg.path), file).split(sep)[0] === 'test';
    return importsOf(file)
      .map((specifier) => problemOf(pkg, file, isTest, specifier))
      .filter((problem) => problem !== undefined)
      .map((problem) => `${relative(root, file)}: ${problem}`);
  });
}

function sourcesIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist' || name === 'golden') return [];
    if (statSync(path).isDirectory()) return sourcesIn(path);
    return /\.(ts|mjs)$/.test(name) ? [path] : [];
  });
}

function importsOf(file) {
  // Comments go first, so that an example in a doc comment is no import; strings of URLs keep their slashes.
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2]);
}

function problemOf(pkg, file, isTest, specifier) {
  if (specifier.startsWith('.')) {
    const target = resolve(dirname(file), specifier);
    const home = join(root, pkg.path) + sep;
    return target.startsWith(home)
      ? undefined
      : `"${specifier}" reaches into another package; import it by name`;
  }
  const isEdge = pkg.folder === 'apps' || pkg.folder === 'test';
  if (!isEdge && layers.forbiddenBelowApps.some((prefix) => specifier.startsWith(prefix))) {
    return `"${specifier}" belongs to apps only`;
  }
  if (!specifier.startsWith('@millrace/')) return undefined;
  const target = specifier.slice('@millrace/'.length);
  if (target === pkg.name) return `a package imports its own files, not itself`;
  if (isTest) return undefined;
  if (layers.testsOnly.includes(target)) {
    const allowed =
      pkg.name === 'testkit' || (layers.testsOnlyExceptions[pkg.path] ?? []).includes(target);
    return allowed ? undefined : `"${specifier}" is for tests alone`;
  }
  const { dependencies, peerDependencies } = pkg.manifest;
  if (dependencies?.[specifier] === undefined && peerDependencies?.[specifier] === undefined) {
    return `"${specifier}" is missing from the dependencies in ${pkg.path}/package.json`;
  }
  if (pkg.folder === 'connectors') {
    const allowed = [...layers.connectors.allowed, ...(layers.connectors.extra[pkg.name] ?? [])];
    return allowed.includes(target) ? undefined : `a connector may not import "${specifier}"`;
  }
  if (pkg.folder !== 'libs') return undefined;
  const level = levelOf.get(pkg.name);
  const targetLevel = levelOf.get(target);
  if (level === undefined) return `package "${pkg.name}" has no layer`;
  if (targetLevel === undefined) return `a library may not import "${specifier}"`;
  return targetLevel < level
    ? undefined
    : `"${specifier}" stands below or beside "${pkg.name}" in the layers`;
}
