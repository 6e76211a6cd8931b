import { nearestName } from '@millrace/config';
import type {
  ConverterPlugin,
  PredicatePlugin,
  SinkConnector,
  SourceConnector,
  TransformPlugin,
} from '@millrace/connector-api';
import { badRequest, notFound } from '../errors.ts';
import type { PluginInfo } from '../herder.ts';

export type ConnectorPlugin = SourceConnector | SinkConnector;
export type AnyPlugin = ConnectorPlugin | ConverterPlugin | TransformPlugin | PredicatePlugin;

interface PluginsByKind {
  source: SourceConnector;
  sink: SinkConnector;
  converter: ConverterPlugin;
  transform: TransformPlugin;
  predicate: PredicatePlugin;
}

type Kind = keyof PluginsByKind;

/** What a simple name may end with and be written without. */
const SUFFIXES: Readonly<Record<Kind, readonly string[]>> = {
  source: ['Connector'],
  sink: ['Connector'],
  converter: ['HeaderConverter', 'Converter'],
  transform: ['Transformation'],
  predicate: ['Predicate'],
};

const TYPES = {
  sink: 'sink',
  source: 'source',
  transform: 'transformation',
  predicate: 'predicate',
  converter: 'converter',
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
  readonly #plugins: readonly AnyPlugin[];
  /** Names that mean two plugins of a kind mean none, as in Connect. */
  readonly #byName = new Map<string, AnyPlugin | undefined>();

  constructor(plugins: readonly AnyPlugin[]) {
    this.#plugins = plugins;
    for (const plugin of plugins) for (const name of exactNames(plugin)) this.#add(plugin, name);
    for (const plugin of plugins)
      for (const name of derivedNames(plugin)) this.#addDerived(plugin, name);
  }

  findConnector(name: string): ConnectorPlugin | undefined {
    return this.#lookUp('source', name) ?? this.#lookUp('sink', name);
  }

  /** @throws MillraceError `connect.bad_request` in Connect's words, with the nearest name */
  connector(name: string): ConnectorPlugin {
    const plugin = this.findConnector(name);
    if (plugin !== undefined) return plugin;
    const known = this.#plugins.filter(isConnector).flatMap((each) => [...allNames(each)]);
    const nearest = nearestName(name, known) ?? nearestName(simpleName(name), known);
    const available = this.#plugins
      .filter(isConnector)
      .map((each) => `${classNameOf(each)} (${each.kind}, ${each.version})`)
      .join(', ');
    throw badRequest(
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${available}`,
      nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    );
  }

  find<K extends Kind>(kind: K, name: string): PluginsByKind[K] | undefined {
    return this.#lookUp(kind, name);
  }

  /** Class names of a kind, to recommend. */
  classNames(kind: Kind): readonly string[] {
    return this.#plugins.filter((plugin) => plugin.kind === kind).map(classNameOf);
  }

  nearest(kind: Kind, name: string): string | undefined {
    const known = this.#plugins
      .filter((plugin) => plugin.kind === kind)
      .flatMap((plugin) => [...allNames(plugin)]);
    return nearestName(name, known) ?? nearestName(simpleName(name), known);
  }

  /** @throws MillraceError `connect.not_found` */
  any(name: string): AnyPlugin {
    for (const kind of Object.keys(TYPES) as Kind[]) {
      const plugin = this.#lookUp(kind, name);
      if (plugin !== undefined) return plugin;
    }
    throw notFound(`Unknown plugin ${name}.`);
  }

  list(connectorsOnly: boolean): readonly PluginInfo[] {
    return this.#plugins
      .filter((plugin) => !connectorsOnly || isConnector(plugin))
      .flatMap(infosOf)
      .sort(
        (left, right) =>
          LIST_ORDER.indexOf(left.type) - LIST_ORDER.indexOf(right.type) ||
          (left.class < right.class ? -1 : 1),
      );
  }

  #lookUp<K extends Kind>(kind: K, name: string): PluginsByKind[K] | undefined {
    const plugin = this.#byName.get(`${kind}:${name}`);
    // The key holds the kind, so the plugin is of it.
    return plugin as PluginsByKind[K] | undefined;
  }

  #add(plugin: AnyPlugin, name: string): void {
    this.#byName.set(`${plugin.kind}:${name}`, plugin);
  }

  #addDerived(plugin: AnyPlugin, name: string): void {
    const key = `${plugin.kind}:${name}`;
    const present = this.#byName.get(key);
    if (present !== undefined && exactNames(present).includes(name)) return;
    this.#byName.set(key, this.#byName.has(key) && present !== plugin ? undefined : plugin);
  }
}

export function classNameOf(plugin: AnyPlugin): string {
  return plugin.javaClasses[0] ?? plugin.name;
}

export function isConnector(plugin: AnyPlugin): plugin is ConnectorPlugin {
  return plugin.kind === 'source' || plugin.kind === 'sink';
}

function exactNames(plugin: AnyPlugin): readonly string[] {
  return [plugin.name, ...plugin.javaClasses];
}

function* derivedNames(plugin: AnyPlugin): Iterable<string> {
  for (const className of plugin.javaClasses) {
    const simple = simpleName(className);
    yield simple;
    for (const suffix of SUFFIXES[plugin.kind])
      if (simple.endsWith(suffix) && simple.length > suffix.length) {
        yield simple.slice(0, -suffix.length);
        break;
      }
  }
}

function* allNames(plugin: AnyPlugin): Iterable<string> {
  yield* exactNames(plugin);
  yield* derivedNames(plugin);
}

export function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1).replace(/^.*\$/, '');
}

function infosOf(plugin: AnyPlugin): readonly PluginInfo[] {
  const names = plugin.javaClasses.length > 0 ? plugin.javaClasses : [plugin.name];
  const info = (name: string, type: PluginInfo['type']): PluginInfo => ({
    class: name,
    type,
    version: plugin.version,
  });
  if (plugin.kind !== 'converter') return names.map((name) => info(name, TYPES[plugin.kind]));
  if (plugin.name === 'simple-header') return names.map((name) => info(name, 'header_converter'));
  return names.flatMap((name) => [info(name, 'converter'), info(name, 'header_converter')]);
}
