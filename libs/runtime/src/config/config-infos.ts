import {
  HIDDEN,
  javaTrim,
  parseValue,
  showValue,
  type AnyField,
  type ConfigProblem,
  type Fields,
} from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { isSecret } from '../errors/redactor.ts';
import type { ConfigInfos, ConfigKeyInfo, RawConnectorConfig } from '../herder.ts';
import {
  classNameOf,
  isConnector,
  isOnlyForHeaders,
  wholeClassName,
  type AnyPlugin,
  type ConnectorPlugin,
  type PluginRegistry,
} from '../plugins/plugin-registry.ts';
import { overrideFields } from './client-definitions.ts';
import { frameworkFields } from './framework-fields.ts';

const FRAMEWORK_GROUPS = ['Common', 'Transforms', 'Predicates', 'Error Handling'];

/** The fields of a plugin as Connect lists them; for a connector its own first, then those of the framework. */
export function describePlugin(plugin: AnyPlugin): readonly ConfigKeyInfo[] {
  const framework = isConnector(plugin) ? withVersion(frameworkFields(plugin), plugin.version) : {};
  const fields: Fields = hasConverterType(plugin)
    ? { 'converter.type': converterTypeField, ...plugin.fields }
    : plugin.fields;
  const own = Object.entries(fields).map(([key, field], index) => keyInfo(key, field, index + 1));
  const rest = Object.entries(framework)
    .filter(([key]) => !(key in plugin.fields))
    .map(([key, field], index) => keyInfo(key, field, index + 1));
  return [...own, ...rest];
}

/** What Kafka Connect tells a converter: whether it is one of keys, values or headers. */
const converterTypeField: AnyField = {
  type: 'STRING',
  importance: 'LOW',
  displayName: 'converter.type',
  doc: 'Whether keys, values or headers are converted; set by the worker.',
};

function withVersion(framework: Fields, version: string): Fields {
  const key = 'connector.plugin.version';
  const field = framework[key];
  return field?.type === 'STRING'
    ? { ...framework, [key]: { ...field, default: version } }
    : framework;
}

function hasConverterType(plugin: AnyPlugin): boolean {
  return plugin.kind === 'converter' && !isOnlyForHeaders(plugin);
}

export interface UnknownKey {
  readonly key: string;
  readonly nearest: string | undefined;
}

/** What a validation found. */
export interface Validated {
  readonly plugin: ConnectorPlugin;
  readonly raw: RawConnectorConfig;
  /** The same without what is null. */
  readonly given: ComponentConfig;
  readonly fields: Fields;
  readonly problems: readonly ConfigProblem[];
  readonly unknownKeys: readonly UnknownKey[];
}

/** What the worker will tell the converters that the connector chooses itself, by key. */
function converterTypes(
  given: ComponentConfig,
  registry: PluginRegistry,
): Readonly<Record<string, string>> {
  const types: Record<string, string> = {};
  for (const role of ['key', 'value', 'header']) {
    const plugin = registry.find('converter', given[`${role}.converter`] ?? '');
    if (plugin !== undefined && hasConverterType(plugin))
      types[`${role}.converter.converter.type`] = role;
  }
  return types;
}

/** As Connect's `ConfigInfos`. */
export function infosOf(validated: Validated, registry: PluginRegistry): ConfigInfos {
  const { plugin, raw, problems, unknownKeys } = validated;
  const types = converterTypes(validated.given, registry);
  const given = { ...types, ...validated.given };
  const typeFields = Object.fromEntries(Object.keys(types).map((key) => [key, converterTypeField]));
  const fields = { ...validated.fields, ...typeFields, ...overrideFields(given) };
  const errorsOf = (key: string): readonly string[] =>
    problems.filter((problem) => problem.key === key).map((problem) => problem.message);
  const isMisspeltSecret = (key: string): boolean =>
    unknownKeys.some(
      (each) => each.key === key && each.nearest !== undefined && isSecret(each.nearest, fields),
    );
  const defined = Object.entries(fields).map(([key, field], index) => ({
    definition: keyInfo(key, field, index + 1),
    value: {
      name: key,
      value: raw[key] === null ? null : shownValue(key, field, given, registry),
      recommended_values: recommendedOf(key, field, registry),
      errors: errorsOf(key),
      visible: !isOfUnknown(key, given, registry),
    },
  }));
  const others = [
    ...new Set([
      ...problems.map((problem) => problem.key).filter((key) => !(key in fields)),
      ...unknownKeys.map(({ key }) => key),
    ]),
  ].map((key) => ({
    definition: null,
    value: {
      name: key,
      value: isSecret(key, fields) || isMisspeltSecret(key) ? HIDDEN : (given[key] ?? null),
      recommended_values: unknownKeys.flatMap((each) =>
        each.key === key ? (each.nearest ?? []) : [],
      ),
      errors: errorsOf(key),
      visible: true,
    },
  }));
  return {
    name: given['connector.class'] ?? classNameOf(plugin),
    error_count: problems.length,
    groups: groupsOf(fields),
    // What is wrong with a key that nobody defined comes first, as in Connect.
    configs: [
      ...others.filter(({ value }) => value.errors.length > 0),
      ...defined,
      ...others.filter(({ value }) => value.errors.length === 0),
    ],
  };
}

/** As it was understood: trimmed, with the whole name of a class; null for what could not be. */
function shownValue(
  key: string,
  field: AnyField,
  given: ComponentConfig,
  registry: PluginRegistry,
): string | null {
  const text =
    given[key] ?? field.aliases?.map((alias) => given[alias]).find((each) => each !== undefined);
  if (text === undefined) return showValue(field, field.default);
  if (field.type === 'PASSWORD') return HIDDEN;
  const parsed = parseValue(field.type, text);
  if ('problem' in parsed) return null;
  if (Array.isArray(parsed.value)) return parsed.value.join(',');
  if (field.type === 'CLASS') return classNamed(key, javaTrim(text), registry);
  return field.type === 'LONG' ? String(BigInt(javaTrim(text))) : String(parsed.value);
}

/** The whole name of a class that is known here; null for one that can't be found, which is an error of its own. */
function classNamed(key: string, name: string, registry: PluginRegistry): string | null {
  const kind = kindOf(key);
  if (kind === undefined) return name;
  const plugin = registry.find(kind, name);
  return plugin === undefined ? null : wholeClassName(plugin, name);
}

/** The version of a class that can't be found is not asked for. */
function isOfUnknown(key: string, given: ComponentConfig, registry: PluginRegistry): boolean {
  if (!key.endsWith('.converter.plugin.version')) return false;
  const owner = key.slice(0, -'.plugin.version'.length);
  const name = given[owner];
  return name !== undefined && classNamed(owner, name, registry) === null;
}

function kindOf(key: string): 'converter' | 'transform' | 'predicate' | undefined {
  if (/^(?:key|value|header)\.converter$/.test(key)) return 'converter';
  if (/^transforms\.[^.]+\.type$/.test(key)) return 'transform';
  return /^predicates\.[^.]+\.type$/.test(key) ? 'predicate' : undefined;
}

function recommendedOf(key: string, field: AnyField, registry: PluginRegistry): readonly string[] {
  if (field.recommended !== undefined) return field.recommended;
  if (key === 'header.converter') return [...registry.classNames('converter')].sort();
  if (key !== 'key.converter' && key !== 'value.converter') return [];
  return registry
    .list(false)
    .filter(({ type }) => type === 'converter')
    .map(({ class: className }) => className)
    .sort();
}

function groupsOf(fields: Fields): readonly string[] {
  const used = Object.values(fields).flatMap((field) => field.group ?? []);
  return [...new Set([...FRAMEWORK_GROUPS, ...used])];
}

function keyInfo(key: string, field: AnyField, position: number): ConfigKeyInfo {
  // Connect's number for a key that was given no place.
  const order = field.order ?? (field.group === undefined ? -1 : position);
  return {
    name: key,
    type: field.type,
    required: field.default === undefined,
    default_value: showValue(field, field.default),
    importance: field.importance ?? 'MEDIUM',
    documentation: field.doc,
    group: field.group ?? null,
    order,
    order_in_group: order,
    width: field.width ?? 'NONE',
    display_name: field.displayName ?? key,
    dependents: field.dependents ?? [],
  };
}
