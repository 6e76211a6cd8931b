import { nearestName } from '@millrace/config';
import type {
  ConfigProviderPlugin,
  ConverterPlugin,
  PredicatePlugin,
  SinkConnector,
  SourceConnector,
  TransformPlugin,
} from '@millrace/connector-api';
import { badRequest, notFound } from '../errors.ts';
import type { PluginInfo } from '../herder.ts';
import type { InstalledPlugin, PluginProblem, PluginReport } from './installed-plugin.ts';
import { allNames, PluginNames, simpleName } from './plugin-names.ts';
import { compareVersions, parseVersionRange } from './version-range.ts';

export { simpleName } from './plugin-names.ts';

export type ConnectorPlugin = SourceConnector | SinkConnector;
export type AnyPlugin =
  ConnectorPlugin | ConverterPlugin | TransformPlugin | PredicatePlugin | ConfigProviderPlugin;

interface PluginsByKind {
  source: SourceConnector;
  sink: SinkConnector;
  converter: ConverterPlugin;
  transform: TransformPlugin;
  predicate: PredicatePlugin;
  'config-provider': ConfigProviderPlugin;
}

type Kind = keyof PluginsByKind;

const TYPES = {
  sink: 'sink',
  source: 'source',
  transform: 'transformation',
  predicate: 'predicate',
  converter: 'converter',
  // Kafka Connect's name; it lists none of them.
  'config-provider': 'configprovider',
} as const;

const LIST_ORDER = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
];

/** Plugins by every name that a user may write: class name, simple name, simple name without suffix, short name. */
export class PluginRegistry {
  readonly #names: PluginNames;
  readonly #loadProblems: readonly PluginProblem[];

  /**
   * @param plugins those that are shipped
   * @param installed those of packages, in the order in which they were found
   * @param loadProblems of packages that could not be loaded
   */
  constructor(
    plugins: readonly AnyPlugin[],
    installed: readonly InstalledPlugin[] = [],
    loadProblems: readonly PluginProblem[] = [],
  ) {
    this.#names = new PluginNames([
      ...plugins.map((plugin) => ({ plugin, from: undefined })),
      ...installed.map((from) => ({ plugin: from.plugin, from })),
    ]);
    this.#loadProblems = loadProblems;
  }

  findConnector(name: string, version?: string): ConnectorPlugin | undefined {
    return this.find('source', name, version) ?? this.find('sink', name, version);
  }

  /** @throws MillraceError `connect.bad_request` in Connect's words, with the nearest name */
  connector(name: string, version?: string): ConnectorPlugin {
    const plugin = this.findConnector(name, version);
    if (plugin !== undefined) return plugin;
    if (this.findConnector(name) !== undefined)
      throw badRequest(
        this.versionProblem('source', name, version) ??
          this.versionProblem('sink', name, version) ??
          '',
      );
    const known = this.#plugins()
      .filter(isConnector)
      .flatMap((each) => [...allNames(each)]);
    const nearest = nearestName(name, known) ?? nearestName(simpleName(name), known);
    const available = this.#plugins()
      .filter(isConnector)
      .map((each) => `${classNameOf(each)} (${each.kind}, ${each.version})`)
      .join(', ');
    throw badRequest(
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${available}`,
      nearest === undefined ? this.#brokenHint() : `did you mean "${nearest}"?`,
    );
  }

  find<K extends Kind>(kind: K, name: string, version?: string): PluginsByKind[K] | undefined {
    const plugin = this.#names.find(kind, name, version);
    // Looked up by its kind, so it is of it.
    return plugin as PluginsByKind[K] | undefined;
  }

  /** Versions of a plugin, the one that is meant by default first. */
  versions(kind: Kind, name: string): readonly string[] {
    return this.#names.candidates(kind, name).map(({ version }) => version);
  }

  /** Why no version of a plugin that is there is the one asked for, in Connect's words. */
  versionProblem(kind: Kind, name: string, version: string | undefined): string | undefined {
    const candidates = this.#names.candidates(kind, name);
    if (version === undefined || candidates.length === 0) return undefined;
    const range = parseVersionRange(version);
    if ('problem' in range) return range.problem;
    const versions = candidates.map((each) => each.version);
    if (versions.some((each) => range.matches(each))) return undefined;
    if (this.#names.areAllShipped(candidates)) return undefined;
    return `Plugin ${name} not found that matches the version range ${range.text}, available versions: [${versions.join(', ')}]`;
  }

  /** Class names of a kind, to recommend. */
  classNames(kind: Kind): readonly string[] {
    const names = this.#plugins()
      .filter((plugin) => plugin.kind === kind)
      .map(classNameOf);
    return [...new Set(names)];
  }

  nearest(kind: Kind, name: string): string | undefined {
    const known = this.#plugins()
      .filter((plugin) => plugin.kind === kind)
      .flatMap((plugin) => [...allNames(plugin)]);
    return nearestName(name, known) ?? nearestName(simpleName(name), known);
  }

  /** @throws MillraceError `connect.not_found`, or `connect.bad_request` when it has no such version */
  any(name: string, version?: string): AnyPlugin {
    for (const kind of Object.keys(TYPES) as Kind[]) {
      const plugin = this.find(kind, name, version);
      if (plugin !== undefined) return plugin;
      const problem = this.versionProblem(kind, name, version);
      if (problem !== undefined) throw badRequest(problem);
    }
    throw notFound(`Unknown plugin ${name}.`);
  }

  list(connectorsOnly: boolean): readonly PluginInfo[] {
    return this.#plugins()
      .flatMap((plugin) =>
        plugin.kind === 'config-provider' || (connectorsOnly && !isConnector(plugin))
          ? []
          : infosOf(plugin),
      )
      .sort(
        (left, right) =>
          LIST_ORDER.indexOf(left.type) - LIST_ORDER.indexOf(right.type) ||
          (left.class < right.class ? -1 : left.class > right.class ? 1 : 0) ||
          compareVersions(left.version ?? '', right.version ?? ''),
      );
  }

  /** Names that two plugins claim. */
  get nameProblems(): readonly PluginProblem[] {
    return this.#names.problems;
  }

  /** All that is there, and all that is wrong with what was found. */
  report(): PluginReport {
    const plugins = this.#names.entries.map(({ plugin, from }) => ({
      class: classNameOf(plugin),
      type: TYPES[plugin.kind],
      version: plugin.version === '' ? null : plugin.version,
      name: plugin.name,
      aliases: [...new Set(allNames(plugin))].filter(
        (name) =>
          name !== classNameOf(plugin) &&
          this.#names.candidates(plugin.kind, name).includes(plugin),
      ),
      package: from?.packageName ?? null,
      location: from?.location ?? null,
    }));
    return { plugins, problems: [...this.#loadProblems, ...this.#names.problems] };
  }

  #plugins(): readonly AnyPlugin[] {
    return this.#names.entries.map(({ plugin }) => plugin);
  }

  /** The class that is missed may be in a package that could not be loaded. */
  #brokenHint(): string | undefined {
    const broken = this.#loadProblems.filter(({ severity }) => severity === 'error');
    if (broken.length === 0) return undefined;
    const named = broken
      .slice(0, 3)
      .map((each) => `${each.package ?? each.location}: ${each.message}`);
    return `packages that could not be loaded may hold it: ${named.join('; ')}. See GET /api/plugins`;
  }
}

export function classNameOf(plugin: AnyPlugin): string {
  return plugin.javaClasses[0] ?? plugin.name;
}

export function isConnector(plugin: AnyPlugin): plugin is ConnectorPlugin {
  return plugin.kind === 'source' || plugin.kind === 'sink';
}

function infosOf(plugin: Exclude<AnyPlugin, ConfigProviderPlugin>): readonly PluginInfo[] {
  const names = plugin.javaClasses.length > 0 ? plugin.javaClasses : [plugin.name];
  const info = (name: string, type: PluginInfo['type']): PluginInfo => ({
    class: name,
    type,
    ...(plugin.version === '' ? {} : { version: plugin.version }),
  });
  if (plugin.kind !== 'converter') return names.map((name) => info(name, TYPES[plugin.kind]));
  if (isOnlyForHeaders(plugin)) return names.map((name) => info(name, 'header_converter'));
  return names.flatMap((name) => [info(name, 'converter'), info(name, 'header_converter')]);
}

/** Connect's `SimpleHeaderConverter` has no way to say what a key or a value is. */
export function isOnlyForHeaders(plugin: AnyPlugin): boolean {
  return plugin.kind === 'converter' && plugin.name === 'simple-header';
}

/** The whole name of a class that a configuration may name by an alias; of several that mean the plugin, the one named. */
export function wholeClassName(plugin: AnyPlugin | undefined, name: string): string {
  if (plugin === undefined || plugin.javaClasses.includes(name)) return name;
  return classNameOf(plugin);
}
