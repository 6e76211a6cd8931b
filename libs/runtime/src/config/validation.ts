import { classHint } from '../plugins/class-hint.ts';
import {
  checkConfig,
  nearestName,
  type AnyField,
  type ConfigProblem,
  type Fields,
  wholeRegex,
} from '@millrace/config';
import type { ComponentConfig, ConverterRole, SourceConnector } from '@millrace/connector-api';
import type { Clock } from '@millrace/foundation';
import type { ConfigInfos, RawConnectorConfig } from '../herder.ts';
import {
  classNameOf,
  isOnlyForHeaders,
  type AnyPlugin,
  type ConnectorPlugin,
  type PluginRegistry,
} from '../plugins/plugin-registry.ts';
import { converterConfig } from '../tasks/pipeline.ts';
import { callWithLimit } from '../tasks/time-limit.ts';
import type { Connections } from '../clients/own-clients.ts';
import { connectionProblems } from './connection-problems.ts';
import { consumerGroupOf, overrideProblems, unusedOverrides } from './client-overrides.ts';
import {
  commonFields,
  predicateFields,
  topicCreationFields,
  transformFields,
  type AliasedPlugin,
} from './connector-fields.ts';
import { listOf, withoutPrefix } from './prefixes.ts';
import { infosOf, type UnknownKey } from './config-infos.ts';
import { frameworkFields } from './framework-fields.ts';
import { nullProblems, unparsedProblems } from './null-problems.ts';
import type { WorkerSettings } from './worker-fields.ts';

export interface ValidationContext {
  readonly registry: PluginRegistry;
  readonly worker: WorkerSettings;
  readonly clock: Clock;
  readonly connections?: Connections | undefined;
  /** Leaves out what the connector itself checks, since it may connect. */
  readonly isOffline?: boolean;
}

export interface Validation {
  readonly infos: ConfigInfos;
  readonly unknownKeys: readonly UnknownKey[];
  /** Of the connector and of all that it is configured with. */
  readonly fields: Fields;
}

/** Every check of a connector's configuration; all problems at once. Never throws for what a user can mend. */
export async function validateConnector(
  plugin: ConnectorPlugin,
  raw: RawConnectorConfig,
  context: ValidationContext,
): Promise<Validation> {
  const given = withoutNulls(raw);
  const fields = fieldsOf(plugin, given, context);
  const problems: ConfigProblem[] = [
    ...nullProblems(raw, frameworkFields(plugin), fields, commonFields),
    ...checkConfig(fields, raw).problems.filter(({ key }) => raw[key] !== null),
    ...unparsedProblems(raw, commonFields),
    ...(plugin.kind === 'sink' ? topicProblems(given, plugin, context.worker) : []),
    ...predicateProblems(given),
    ...(await classProblems(given, context)),
    ...overrideProblems(given, context.worker),
    ...connectionProblems(plugin.kind, given, context.worker, context.connections),
    ...(plugin.kind === 'source' ? exactlyOnceProblems(plugin, given, context.worker) : []),
  ];
  if (problems.length === 0 && context.isOffline !== true)
    problems.push(...(await ownProblems(plugin, given, context)));
  const unknownKeys = unknownKeysOf(given, fields, context.worker);
  return {
    infos: infosOf({ plugin, raw, given, fields, problems, unknownKeys }, context.registry),
    unknownKeys,
    fields,
  };
}

/** Framework, transforms, predicates, topic creation, the connector's own, converters: in Connect's order. */
export function fieldsOf(
  plugin: ConnectorPlugin,
  given: ComponentConfig,
  context: Pick<ValidationContext, 'registry' | 'worker'>,
): Fields {
  const { registry, worker } = context;
  const fields: Record<string, AnyField> = withDefaults(plugin, given, context);
  const add = (prefix: string, more: Fields): void => {
    for (const [key, field] of Object.entries(more)) fields[`${prefix}${key}`] ??= field;
  };
  for (const alias of listOf(given['transforms'])) {
    const prefix = `transforms.${alias}.`;
    const own = aliased('transform', given, prefix, registry);
    add(prefix, transformFields(alias, sorted(registry.classNames('transform')), own));
  }
  for (const alias of listOf(given['predicates'])) {
    const prefix = `predicates.${alias}.`;
    const own = aliased('predicate', given, prefix, registry);
    add(prefix, predicateFields(alias, sorted(registry.classNames('predicate')), own));
  }
  for (const group of topicGroupsOf(plugin, given))
    add(`topic.creation.${group}.`, topicCreationFields(group));
  add('', plugin.fields);
  for (const role of ['key', 'value', 'header'] as const) {
    const own = given[`${role}.converter`];
    if (own === undefined) continue;
    const chosen = converterConfig(role, given, worker);
    const version = given[`${role}.converter.plugin.version`];
    add(`${role}.converter.`, registry.find('converter', chosen.className, version)?.fields ?? {});
  }
  return fields;
}

/** What an absent key stands for here: the worker's converters, the versions that are installed. */
function withDefaults(
  plugin: ConnectorPlugin,
  given: ComponentConfig,
  { registry, worker }: Pick<ValidationContext, 'registry' | 'worker'>,
): Record<string, AnyField> {
  const fields: Record<string, AnyField> = { ...frameworkFields(plugin) };
  const set = (key: string, value: string, recommended: readonly string[]): void => {
    const field = fields[key];
    if (field?.type === 'STRING' || field?.type === 'CLASS')
      fields[key] = { ...field, default: value, ...(recommended.length > 0 && { recommended }) };
  };
  const versions = registry.versions(plugin.kind, classNameOf(plugin));
  set(
    'connector.plugin.version',
    plugin.version,
    versions.length > 0 ? versions : [plugin.version],
  );
  for (const key of ['key.converter', 'value.converter', 'header.converter'] as const) {
    set(key, worker.fields[key], []);
    const className = given[key] ?? worker.fields[key];
    const version = registry.find('converter', className)?.version;
    if (version !== undefined) set(`${key}.plugin.version`, version, [version]);
  }
  return fields;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}

function aliased(
  kind: 'transform' | 'predicate',
  given: ComponentConfig,
  prefix: string,
  registry: PluginRegistry,
): AliasedPlugin {
  const plugin = registry.find(
    kind,
    given[`${prefix}type`] ?? '',
    given[`${prefix}plugin.version`],
  );
  return { fields: plugin?.fields ?? {}, version: plugin?.version };
}

function topicGroupsOf(plugin: ConnectorPlugin, given: ComponentConfig): readonly string[] {
  const isUsed = Object.keys(given).some((key) => key.startsWith('topic.creation.'));
  if (plugin.kind !== 'source' || !isUsed) return [];
  const named = listOf(given['topic.creation.groups']).filter((name) => name !== 'default');
  return ['default', ...named];
}

function withoutNulls(raw: RawConnectorConfig): ComponentConfig {
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) if (value !== null) given[key] = value;
  return given;
}

function topicProblems(
  given: ComponentConfig,
  plugin: ConnectorPlugin,
  worker: WorkerSettings,
): readonly ConfigProblem[] {
  const topics = listOf(given['topics']);
  const pattern = (given['topics.regex'] ?? '').trim();
  const problems: ConfigProblem[] = [];
  const both = (message: string): void => {
    problems.push({ key: 'topics', message }, { key: 'topics.regex', message });
  };
  if (topics.length > 0 && pattern !== '')
    both('topics and topics.regex are mutually exclusive options, but both are set.');
  if (topics.length === 0 && pattern === '' && plugin.kind === 'sink')
    both('Must configure one of topics or topics.regex');
  const deadLetters = (given['errors.deadletterqueue.topic.name'] ?? '').trim();
  if (deadLetters !== '' && topics.includes(deadLetters))
    problems.push({
      key: 'topics',
      message: `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`,
    });
  if (deadLetters !== '' && pattern !== '' && matchesWhole(pattern, deadLetters))
    problems.push({
      key: 'topics.regex',
      message: `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${pattern}') consumed by the connector`,
    });
  const group = consumerGroupOf(given['name'] ?? '', given);
  if (group === worker.fields['group.id']) {
    const override = 'consumer.override.group.id';
    problems.push(
      given[override] === undefined
        ? {
            key: 'name',
            message: `Consumer group for sink connector named ${given['name'] ?? ''} conflicts with Connect worker group ${group}`,
          }
        : {
            key: override,
            message: `Consumer group ${group} conflicts with Connect worker group ${group}`,
          },
    );
  }
  return problems;
}

function matchesWhole(pattern: string, text: string): boolean {
  try {
    return wholeRegex(pattern).test(text);
  } catch {
    return false; // Reported by the field's own check.
  }
}

function predicateProblems(given: ComponentConfig): readonly ConfigProblem[] {
  const known = listOf(given['predicates']);
  return listOf(given['transforms']).flatMap((alias) => {
    const key = `transforms.${alias}.predicate`;
    const predicate = given[key];
    const negate = `transforms.${alias}.negate`;
    if (predicate !== undefined && !known.includes(predicate))
      return [
        {
          key,
          message: `Invalid value ${predicate} for configuration ${key}: Predicate alias is not defined in predicates`,
        },
      ];
    if (predicate === undefined && given[negate] !== undefined)
      return [
        {
          key: `transforms.${alias}.type`,
          message: `Config '${negate}' was provided but there is no config '${key}' defining a predicate to be negated.`,
        },
      ];
    return [];
  });
}

async function classProblems(
  given: ComponentConfig,
  context: ValidationContext,
): Promise<readonly ConfigProblem[]> {
  const { registry } = context;
  const problems: ConfigProblem[] = [];
  const checkVersion = (kind: AnyPlugin['kind'], name: string, key: string): void => {
    const message = registry.versionProblem(kind, name, given[key]);
    if (message !== undefined)
      problems.push({
        key,
        message: `Invalid value ${given[key] ?? ''} for configuration ${key}: ${message}`,
      });
  };
  const check = (kind: 'converter' | 'transform' | 'predicate', key: string): void => {
    const name = given[key];
    if (name === undefined) return;
    const found = registry.find(kind, name);
    if (found !== undefined && isOnlyForHeaders(found) && key !== 'header.converter') {
      const message = `Class ${name} does not implement the Converter interface; it converts headers alone`;
      problems.push({ key, message: `Invalid value ${name} for configuration ${key}: ${message}` });
      return;
    }
    if (found !== undefined) {
      const versionKey = key.endsWith('.type')
        ? `${key.slice(0, -'type'.length)}plugin.version`
        : `${key}.plugin.version`;
      checkVersion(kind, name, versionKey);
      return;
    }
    const hint = classHint(name, registry.nearest(kind, name));
    problems.push({
      key,
      message: `Invalid value ${name} for configuration ${key}: Class ${name} could not be found.${hint === undefined ? '' : ` ${hint}`}`,
    });
  };
  const connector = given['connector.class'] ?? '';
  for (const kind of ['source', 'sink'] as const)
    checkVersion(kind, connector, 'connector.plugin.version');
  for (const role of ['key', 'value', 'header'] satisfies ConverterRole[])
    check('converter', `${role}.converter`);
  for (const alias of new Set(listOf(given['transforms'])))
    check('transform', `transforms.${alias}.type`);
  for (const alias of new Set(listOf(given['predicates'])))
    check('predicate', `predicates.${alias}.type`);
  if (problems.length > 0) return problems;
  return creationProblems(given, context);
}

/** What only the making of a transform, predicate or converter finds out. */
async function creationProblems(
  given: ComponentConfig,
  { registry, worker, clock }: ValidationContext,
): Promise<readonly ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const attempt = async (
    key: string,
    fields: Fields | undefined,
    config: ComponentConfig,
    make: () => unknown,
  ): Promise<void> => {
    // What the fields say of themselves is reported by their own check.
    if (fields === undefined || checkConfig(fields, config).problems.length > 0) return;
    const limits = {
      clock,
      stage: `making of ${key}`,
      limitMs: worker.fields['connector.call.timeout.ms'],
      graceMs: () => 0,
      signal: new AbortController().signal,
    };
    try {
      await callWithLimit(limits, () => Promise.resolve(make()));
    } catch (error) {
      problems.push({ key, message: error instanceof Error ? error.message : String(error) });
    }
  };
  for (const alias of listOf(given['transforms'])) {
    const config = withoutPrefix(given, `transforms.${alias}.`);
    const plugin = registry.find('transform', config['type'] ?? '', config['plugin.version']);
    await attempt(`transforms.${alias}.type`, plugin?.fields, config, async () =>
      (await plugin?.create(config))?.close?.(),
    );
  }
  for (const alias of listOf(given['predicates'])) {
    const config = withoutPrefix(given, `predicates.${alias}.`);
    const plugin = registry.find('predicate', config['type'] ?? '', config['plugin.version']);
    await attempt(`predicates.${alias}.type`, plugin?.fields, config, () => plugin?.create(config));
  }
  for (const role of ['key', 'value', 'header'] as const) {
    if (given[`${role}.converter`] === undefined) continue;
    const { className, config } = converterConfig(role, given, worker);
    const version = given[`${role}.converter.plugin.version`];
    const plugin = registry.find('converter', className, version);
    await attempt(`${role}.converter`, plugin?.fields, config, () => plugin?.create(config, role));
  }
  return problems;
}

const SUPPORT_MISSING =
  'The connector does not support exactly-once semantics with the provided configuration.';
const SUPPORT_UNKNOWN =
  'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the documentation for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the connector to use the value "requested" for this property (which will disable this preflight check and allow the connector to be created).';

/** What is asked for but not there must be refused: the user would believe to have it. Connect's words. */
function exactlyOnceProblems(
  plugin: SourceConnector,
  given: ComponentConfig,
  worker: WorkerSettings,
): readonly ConfigProblem[] {
  const isChosen = (key: string, value: string): boolean =>
    given[key]?.trim().toLowerCase() === value;
  const isEnabled = worker.fields['exactly.once.source.support'].toLowerCase() === 'enabled';
  const problems: ConfigProblem[] = [];
  if (isChosen('exactly.once.support', 'required')) {
    const key = 'exactly.once.support';
    const support = plugin.exactlyOnceSupport?.(given);
    if (!isEnabled)
      problems.push({
        key,
        message: 'This worker does not have exactly-once source support enabled.',
      });
    if (support === undefined) problems.push({ key, message: SUPPORT_UNKNOWN });
    if (support === 'unsupported') problems.push({ key, message: SUPPORT_MISSING });
  }
  if (
    isChosen('transaction.boundary', 'connector') &&
    plugin.canDefineTransactionBoundaries?.(given) !== true
  )
    problems.push({
      key: 'transaction.boundary',
      message:
        'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.',
    });
  return problems;
}

/** What the connector itself says; one that hangs or throws is a problem too, not a failure of the request. */
async function ownProblems(
  plugin: ConnectorPlugin,
  given: ComponentConfig,
  { clock, worker }: ValidationContext,
): Promise<readonly ConfigProblem[]> {
  if (plugin.validate === undefined) return [];
  const limits = {
    clock,
    stage: 'validate of the connector',
    limitMs: worker.fields['connector.call.timeout.ms'],
    graceMs: () => 0,
    signal: new AbortController().signal,
  };
  try {
    return await callWithLimit(limits, async (signal) => plugin.validate?.(given, signal) ?? []);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      {
        key: 'connector.class',
        message: `the connector could not check its configuration: ${message}`,
      },
    ];
  }
}

function unknownKeysOf(
  given: ComponentConfig,
  fields: Fields,
  worker: WorkerSettings,
): readonly UnknownKey[] {
  const aliases = Object.values(fields).flatMap((field) => field.aliases ?? []);
  const known = new Set([...Object.keys(fields), ...aliases]);
  const unknown = Object.keys(given)
    .filter((key) => !known.has(key) && !isPassedThrough(key))
    .map((key) => ({ key, nearest: nearestName(key, [...known]) }));
  return [...unknown, ...unusedOverrides(given, worker.raw)];
}

/** Keys of open families: a topic's own, converters' (their fields may be the worker's), clients'. */
function isPassedThrough(key: string): boolean {
  return (
    /^(topic\.creation|millrace|(key|value|header)\.converter)\./.test(key) ||
    /^(producer|consumer|admin)\.override\./.test(key)
  );
}
