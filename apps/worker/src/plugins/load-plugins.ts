import { pathToFileURL } from 'node:url';
import {
  checkPlugin,
  looksLikePlugin,
  type InstalledPlugin,
  type PluginProblem,
} from '@millrace/runtime';
import { PackageFinder } from './find-packages.ts';
import { lendApi } from './lend-api.ts';
import { LISTS, readEntry, type ListName, type PackageEntry } from './package-entry.ts';
import { badExport, importFailed, importHangs } from './problems.ts';
import { tryImport, type TrialResult } from './trial.ts';

/** Threads with a module each. */
const TRIALS_AT_ONCE = 4;

export interface LoadOptions {
  /** Folders of `plugin.path`. */
  readonly paths: readonly string[];
  /** Whose `node_modules` is looked at too; undefined for none. */
  readonly workingFolder: string | undefined;
  /** Of `@millrace/connector-api`. */
  readonly apiVersion: string;
  readonly limitMs: number;
  /** Every one of them was imported in this process before, without harm. */
  readonly isTried?: boolean;
}

export interface LoadedPlugins {
  readonly plugins: readonly InstalledPlugin[];
  readonly problems: readonly PluginProblem[];
}

/** Finds and imports plugins. What is wrong with one is told, and stops neither the others nor the worker. */
export async function loadPlugins(options: LoadOptions): Promise<LoadedPlugins> {
  const finder = new PackageFinder();
  for (const path of options.paths) await finder.inPath(path);
  if (options.workingFolder !== undefined) await finder.inNodeModules(options.workingFolder);
  const plugins: InstalledPlugin[] = [];
  const problems = [...finder.problems];
  const entries: PackageEntry[] = [];
  for (const found of finder.packages) {
    const read = await readEntry(found, options.apiVersion);
    problems.push(...read.problems);
    if (read.entry !== undefined) entries.push(read.entry);
  }
  for (const tried of await tryAll(entries, options)) {
    const loaded = await importPackage(tried, options.limitMs);
    plugins.push(...loaded.plugins);
    problems.push(...loaded.problems);
  }
  return { plugins, problems };
}

interface Tried {
  readonly entry: PackageEntry;
  readonly url: string;
  readonly result: TrialResult;
}

/** Some at once, so that packages that hang do not add up; in the order given. */
async function tryAll(
  entries: readonly PackageEntry[],
  { limitMs, isTried }: LoadOptions,
): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (let start = 0; start < entries.length; start += TRIALS_AT_ONCE) {
    const some = entries.slice(start, start + TRIALS_AT_ONCE).map(async (entry) => {
      const url = pathToFileURL(entry.module).href;
      const harmless: TrialResult = { kind: 'imported' };
      return { entry, url, result: isTried === true ? harmless : await tryImport(url, limitMs) };
    });
    tried.push(...(await Promise.all(some)));
  }
  return tried;
}

async function importPackage(
  { entry, url, result }: Tried,
  limitMs: number,
): Promise<LoadedPlugins> {
  const about = { location: entry.folder, package: entry.name };
  if (result.kind !== 'imported')
    return { plugins: [], problems: [problemOf(result, about, limitMs)] };
  lendApi();
  const module = await importHere(url, limitMs);
  if (!('exports' in module)) return { plugins: [], problems: [problemOf(module, about, limitMs)] };
  return pluginsOf(entry, module.exports);
}

/** The trial went well, so this one does; should it not, the limit holds here as well. */
async function importHere(
  url: string,
  limitMs: number,
): Promise<{ readonly exports: Readonly<Record<string, unknown>> } | TrialResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<TrialResult>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'hangs' }), limitMs);
  });
  const importing = import(url).then(
    (exports: Readonly<Record<string, unknown>>) => ({ exports }),
    (error: unknown): TrialResult => ({
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
      code: undefined,
    }),
  );
  try {
    return await Promise.race([importing, late]);
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(
  trial: TrialResult,
  about: { readonly location: string; readonly package: string },
  limitMs: number,
): PluginProblem {
  if (trial.kind === 'hangs') return importHangs(about, limitMs);
  if (trial.kind === 'imported') return importFailed(about, 'the second time');
  const hint =
    trial.code === 'ERR_MODULE_NOT_FOUND' || trial.code === 'MODULE_NOT_FOUND'
      ? `run "npm install" in ${about.location}`
      : trial.code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? 'build the package, and name its JavaScript in package.json'
        : undefined;
  return importFailed(about, trial.message.split('\n')[0] ?? '', hint);
}

/** The plugins that the entry names, or all that there are. */
export function pluginsOf(
  entry: PackageEntry,
  module: Readonly<Record<string, unknown>>,
): LoadedPlugins {
  const about = { location: entry.folder, package: entry.name };
  // What a CommonJS module sets on `exports` is not always seen by name.
  const fallback = module['default'];
  const exported: Readonly<Record<string, unknown>> =
    typeof fallback === 'object' && fallback !== null ? { ...fallback, ...module } : module;
  const plugins: InstalledPlugin[] = [];
  const problems: PluginProblem[] = [];
  const take = (name: string, candidate: unknown, list: ListName | undefined): void => {
    const checked = checkPlugin(candidate);
    if (!('plugin' in checked)) {
      for (const problem of checked.problems)
        problems.push(badExport(about, `its export "${name}" can't be used: ${problem}`));
      return;
    }
    const kinds: readonly string[] = list === undefined ? [] : LISTS[list];
    if (list !== undefined && !kinds.includes(checked.plugin.kind)) {
      problems.push(
        badExport(
          about,
          `its export "${name}" is a ${checked.plugin.kind}, but is named in "${list}"`,
        ),
      );
      return;
    }
    const plugin =
      checked.plugin.version === '' ? withVersion(checked.plugin, entry.version) : checked.plugin;
    plugins.push({
      plugin,
      packageName: entry.name,
      packageVersion: entry.version,
      location: entry.folder,
    });
  };
  if (entry.exports === undefined) {
    const all = Object.entries(exported).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value])
        .filter(looksLikePlugin)
        .map((each) => [name, each] as const),
    );
    for (const [name, value] of new Map(all.map(([name, value]) => [value, name])))
      take(value, name, undefined);
    if (all.length === 0) problems.push(badExport(about, 'its module exports no plugin'));
    return { plugins, problems };
  }
  for (const [list, names] of entry.exports)
    for (const name of names)
      if (name in exported) take(name, exported[name], list);
      else
        problems.push(
          badExport(
            about,
            `its module has no export "${name}"; there are ${Object.keys(exported).join(', ')}`,
          ),
        );
  return { plugins, problems };
}

function withVersion(
  plugin: InstalledPlugin['plugin'],
  version: string,
): InstalledPlugin['plugin'] {
  // Not a copy: methods of a class would lose what belongs to them.
  return Object.isFrozen(plugin) ? { ...plugin, version } : Object.assign(plugin, { version });
}
