import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { nearestName } from '@millrace/config';
import type { PluginProblem } from '@millrace/runtime';
import type { FoundPackage } from './find-packages.ts';
import { badManifest, wrongApi } from './problems.ts';

/** The contracts of connector-api that this worker has. */
const API = 1;

/** Lists of a `millrace` entry, and the kinds of plugins that they may name. */
export const LISTS = {
  connectors: ['source', 'sink'],
  transforms: ['transform'],
  converters: ['converter'],
  predicates: ['predicate'],
  configProviders: ['config-provider'],
} as const;

export type ListName = keyof typeof LISTS;

/** What a package says of its plugins. */
export interface PackageEntry {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** The file to import. */
  readonly module: string;
  /** Names of exports; undefined: every plugin that the module exports. */
  readonly exports: ReadonlyMap<ListName, readonly string[]> | undefined;
}

/** Reads a `millrace` entry; all that is wrong with it at once. */
export async function readEntry(
  found: FoundPackage,
  apiVersion: string,
): Promise<{ readonly entry?: PackageEntry; readonly problems: readonly PluginProblem[] }> {
  const { folder, manifest } = found;
  const name = typeof manifest['name'] === 'string' ? manifest['name'] : '';
  const version = typeof manifest['version'] === 'string' ? manifest['version'] : '';
  const about = { location: folder, ...(name === '' ? {} : { package: name }) };
  const problems: PluginProblem[] = [];
  const refuse = (reason: string): void => void problems.push(badManifest(about, reason));
  if (name === '') refuse('has no "name"');
  if (version === '') refuse('has no "version"');
  const given = manifest['millrace'];
  const entry = given === true ? {} : given;
  if (!isObject(entry)) {
    refuse('has a "millrace" that is no object');
    return { problems };
  }
  const { api = API, module: file } = entry;
  if (String(api) !== String(API))
    problems.push(wrongApi(about, `API ${String(api)}`, `API ${API}`));
  const range = apiRangeOf(manifest);
  if (range !== undefined && !satisfies(apiVersion, range))
    problems.push(wrongApi(about, `@millrace/connector-api ${range}`, apiVersion));
  const exports = listsOf(entry, refuse);
  const module = await moduleOf(folder, file ?? mainOf(manifest), refuse);
  if (problems.length > 0 || module === undefined) return { problems };
  return { entry: { name, version, folder, module, exports }, problems };
}

function listsOf(
  entry: Readonly<Record<string, unknown>>,
  refuse: (reason: string) => void,
): PackageEntry['exports'] {
  const known = ['api', 'module', ...Object.keys(LISTS)];
  for (const key of Object.keys(entry).filter((each) => !known.includes(each))) {
    const nearest = nearestName(key, known);
    refuse(
      `has an unknown key "millrace.${key}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`,
    );
  }
  const lists = new Map<ListName, readonly string[]>();
  for (const list of Object.keys(LISTS) as ListName[]) {
    const names = entry[list];
    if (names === undefined) continue;
    if (Array.isArray(names) && names.every((each): each is string => typeof each === 'string'))
      lists.set(list, names);
    else refuse(`has "millrace.${list}" that is no list of names of exports`);
  }
  return lists.size === 0 ? undefined : lists;
}

/** The file, which must lie in the package: a link or a path out of it would run what nobody installed as a plugin. */
async function moduleOf(
  folder: string,
  file: unknown,
  refuse: (reason: string) => void,
): Promise<string | undefined> {
  if (typeof file !== 'string' || file === '') {
    refuse('names no module: set "millrace.module", "exports" or "main"');
    return undefined;
  }
  const path = join(folder, file);
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) {
    const isTypeScript = /\.[cm]?ts$/.test(file);
    refuse(`names "${file}", which is not there${isTypeScript ? '' : '; is the package built?'}`);
    return undefined;
  }
  if (!real.startsWith(folder + sep)) {
    refuse(`names "${file}", which leads out of the package`);
    return undefined;
  }
  if (!(await stat(real)).isFile()) {
    refuse(`names "${file}", which is no file`);
    return undefined;
  }
  return real;
}

/** As Node finds it: `exports` of the package itself, or `main`. */
function mainOf(manifest: Readonly<Record<string, unknown>>): unknown {
  const { exports } = manifest;
  if (exports === undefined) return manifest['main'] ?? 'index.js';
  return conditionOf(isObject(exports) && '.' in exports ? exports['.'] : exports);
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'require', 'default']);

function conditionOf(target: unknown): unknown {
  if (!isObject(target)) return target;
  for (const [condition, inner] of Object.entries(target))
    if (CONDITIONS.has(condition)) {
      const found = conditionOf(inner);
      if (found !== undefined) return found;
    }
  return undefined;
}

function apiRangeOf(manifest: Readonly<Record<string, unknown>>): string | undefined {
  for (const kind of ['peerDependencies', 'dependencies']) {
    const all = manifest[kind];
    const range = isObject(all) ? all['@millrace/connector-api'] : undefined;
    if (typeof range === 'string') return range;
  }
  return undefined;
}

/** npm's plain ranges; one of another form is believed. */
function satisfies(version: string, range: string): boolean {
  const match = /^\s*(\^|~|>=|=|)\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?[^\s|]*\s*$/.exec(range);
  if (match === null) return true;
  const [, operator = '', ...wantedText] = match;
  const [major = 0, minor = 0] = wantedText.map((part) => Number(part));
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number(part));
  const isNewEnough = ownMajor > major || (ownMajor === major && ownMinor >= (minor || 0));
  if (operator === '>=') return isNewEnough;
  // Below 1.0 each minor version may break.
  return (
    isNewEnough &&
    ownMajor === major &&
    (major > 0 || wantedText[1] === undefined || ownMinor === minor)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
