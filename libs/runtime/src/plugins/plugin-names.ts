import { compareVersions, parseVersionRange } from './version-range.ts';
import type { InstalledPlugin, PluginProblem } from './installed-plugin.ts';
import type { AnyPlugin } from './plugin-registry.ts';

/** A plugin and, unless it is shipped, where it came from. */
export interface PluginEntry {
  readonly plugin: AnyPlugin;
  readonly from: InstalledPlugin | undefined;
}

/** What a simple name may end with and be written without. */
const SUFFIXES: Readonly<Record<AnyPlugin['kind'], readonly string[]>> = {
  source: ['Connector'],
  sink: ['Connector'],
  converter: ['HeaderConverter', 'Converter'],
  transform: ['Transformation'],
  predicate: ['Predicate'],
  'config-provider': ['ConfigProvider'],
};

/**
 * Who answers to which name. A name means several plugins only if they are versions of one: then the shipped one is
 * meant, or else the latest, unless a version is asked for. Derived names that mean two plugins mean none, as in Connect.
 */
export class PluginNames {
  readonly #exact = new Map<string, PluginEntry[]>();
  /** A derived name, and the exact one that it stands for. */
  readonly #derived = new Map<string, string | undefined>();
  readonly #problems: PluginProblem[] = [];
  readonly #entries: PluginEntry[] = [];

  constructor(entries: readonly PluginEntry[]) {
    for (const entry of entries) if (this.#claim(entry)) this.#entries.push(entry);
    for (const candidates of this.#exact.values()) candidates.sort(byPreference);
    for (const { plugin } of this.#entries)
      for (const name of derivedNames(plugin)) this.#derive(plugin, name);
  }

  /** Those that have at least one name of their own. */
  get entries(): readonly PluginEntry[] {
    return this.#entries;
  }

  get problems(): readonly PluginProblem[] {
    return this.#problems;
  }

  /** @param version a version or a range of them; undefined: the one that is meant by default */
  find(kind: AnyPlugin['kind'], name: string, version?: string): AnyPlugin | undefined {
    const candidates = this.candidates(kind, name);
    if (version === undefined) return candidates[0];
    const range = parseVersionRange(version);
    if ('problem' in range) return undefined;
    const matching = candidates
      .filter((plugin) => range.matches(plugin.version))
      .sort((left, right) => compareVersions(right.version, left.version));
    return matching[0] ?? (this.areAllShipped(candidates) ? candidates[0] : undefined);
  }

  /**
   * What is shipped stands for a Java plugin whose versions it can't know: a configuration that asks for one of them is
   * taken as it is, as long as nothing was installed under that name.
   */
  areAllShipped(candidates: readonly AnyPlugin[]): boolean {
    return this.#entries.every(
      ({ plugin, from }) => from === undefined || !candidates.includes(plugin),
    );
  }

  /** The versions of a plugin, the default first. */
  candidates(kind: AnyPlugin['kind'], name: string): readonly AnyPlugin[] {
    const key = `${kind}:${name}`;
    const exact = this.#exact.get(key) ?? this.#exact.get(this.#derived.get(key) ?? '') ?? [];
    return exact.map(({ plugin }) => plugin);
  }

  #claim(entry: PluginEntry): boolean {
    const taken: string[] = [];
    let isShadowed = false;
    for (const name of exactNames(entry.plugin)) {
      const key = `${entry.plugin.kind}:${name}`;
      const present = this.#exact.get(key) ?? [];
      if (present.some(({ plugin }) => plugin === entry.plugin)) continue;
      const rival = present.find((each) => !areVersions(each, entry));
      if (rival !== undefined) {
        taken.push(`"${name}" by ${describe(rival)}`);
        continue;
      }
      isShadowed ||= present.some(({ from }) => from === undefined) && entry.from !== undefined;
      this.#exact.set(key, [...present, entry]);
    }
    const isUsable = [...this.#exact.values()].some((entries) => entries.includes(entry));
    if (entry.from !== undefined) this.#report(entry.from, taken, isShadowed);
    return isUsable;
  }

  #report(from: InstalledPlugin, taken: readonly string[], isShadowed: boolean): void {
    const about = {
      location: from.location,
      package: from.packageName,
    };
    const { name, version } = from.plugin;
    if (taken.length > 0)
      this.#problems.push({
        severity: 'error',
        code: 'plugins.name_taken',
        ...about,
        message: `the plugin "${name}" can't be used under names that are taken: ${taken.join(', ')}`,
        hint: 'remove one of the two packages from plugin.path, or give the plugin another name and version',
      });
    if (isShadowed)
      this.#problems.push({
        severity: 'warning',
        code: 'plugins.name_is_shipped',
        ...about,
        message: `the plugin "${name}" has a name of one that is shipped, which is used unless a version is asked for`,
        hint: `set connector.plugin.version=${version} (or transforms.<alias>.plugin.version) where this one is meant`,
      });
  }

  #derive(plugin: AnyPlugin, name: string): void {
    const key = `${plugin.kind}:${name}`;
    if (this.#exact.has(key)) return;
    const owned = exactNames(plugin)
      .map((each) => `${plugin.kind}:${each}`)
      .find((each) => this.#exact.get(each)?.some((entry) => entry.plugin === plugin));
    const present = this.#derived.get(key);
    const presentEntries = this.#exact.get(present ?? '') ?? [];
    const isSame =
      presentEntries.some((entry) => entry.plugin === plugin) ||
      presentEntries.some((entry) =>
        exactNames(entry.plugin).some((each) => exactNames(plugin).includes(each)),
      );
    if (!this.#derived.has(key)) this.#derived.set(key, owned);
    else if (!isSame) this.#derived.set(key, this.#isShipped(present) ? present : undefined);
  }

  /** What is installed takes no short name away from what is shipped. */
  #isShipped(exact: string | undefined): boolean {
    const entries = this.#exact.get(exact ?? '') ?? [];
    const isInstalled = this.#entries.some(({ from }) => from !== undefined);
    return isInstalled && entries.some(({ from }) => from === undefined);
  }
}

/** Of one package, or one of them shipped; and told apart by their versions. */
function areVersions(present: PluginEntry, added: PluginEntry): boolean {
  if (added.from === undefined) return true; // What is shipped is consistent in itself.
  const isOfOne = present.from === undefined || present.from.packageName === added.from.packageName;
  return isOfOne && compareVersions(present.plugin.version, added.plugin.version) !== 0;
}

function byPreference(left: PluginEntry, right: PluginEntry): number {
  const shipped = Number(left.from !== undefined) - Number(right.from !== undefined);
  return shipped || compareVersions(right.plugin.version, left.plugin.version);
}

function describe({ plugin, from }: PluginEntry): string {
  return from === undefined
    ? `the shipped plugin "${plugin.name}"`
    : `"${plugin.name}" ${plugin.version} of ${from.packageName} in ${from.location}`;
}

export function exactNames(plugin: AnyPlugin): readonly string[] {
  return [plugin.name, ...plugin.javaClasses];
}

export function* derivedNames(plugin: AnyPlugin): Iterable<string> {
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

export function* allNames(plugin: AnyPlugin): Iterable<string> {
  yield* exactNames(plugin);
  yield* derivedNames(plugin);
}

export function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1).replace(/^.*\$/, '');
}
