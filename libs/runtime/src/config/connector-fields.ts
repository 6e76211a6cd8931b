import {
  all,
  atLeast,
  defineFields,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  refusingNull,
  validRegex,
} from '@millrace/config';
import type { AnyField, Fields } from '@millrace/config';

const COMMON = 'Common';

const uniqueAliases = refusingNull('entry must be non null', (aliases: readonly string[]) =>
  new Set(aliases).size < aliases.length ? 'Duplicate alias provided.' : undefined,
);

/** Connect's keys that every connector has, in Connect's order and groups. */
export const commonFields = defineFields({
  name: {
    type: 'STRING',
    importance: 'HIGH',
    width: 'MEDIUM',
    group: COMMON,
    order: 1,
    displayName: 'Connector name',
    doc: 'Globally unique name to use for this connector.',
    validate: all(notEmptyName, withoutControlCharacters),
  },
  'connector.class': {
    type: 'STRING',
    importance: 'HIGH',
    width: 'LONG',
    group: COMMON,
    order: 2,
    displayName: 'Connector class',
    doc: 'Name or alias of the class for this connector.',
  },
  'connector.plugin.version': {
    ...version('Connector version', 3),
    importance: 'MEDIUM',
    width: 'MEDIUM',
  },
  'tasks.max': {
    type: 'INT',
    default: 1,
    importance: 'HIGH',
    width: 'SHORT',
    group: COMMON,
    order: 4,
    displayName: 'Tasks max',
    doc: 'Maximum number of tasks to use for this connector.',
    validate: atLeast(1),
  },
  'tasks.max.enforce': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    width: 'SHORT',
    group: COMMON,
    order: 5,
    displayName: 'Enforce tasks max',
    doc: 'Whether more task configurations than tasks.max fail the connector.',
  },
  'key.converter': converter('Key', 6),
  'key.converter.plugin.version': version('Key converter version', 7),
  'value.converter': converter('Value', 8),
  'value.converter.plugin.version': version('Value converter version', 9),
  'header.converter': converter('Header', 10),
  'header.converter.plugin.version': version('Header converter version', 11),
  transforms: {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'LONG',
    group: 'Transforms',
    order: 12,
    displayName: 'Transforms',
    doc: 'Aliases for the transformations to be applied to records.',
    validate: uniqueAliases,
  },
  predicates: {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'LONG',
    group: 'Predicates',
    order: 13,
    displayName: 'Predicates',
    doc: 'Aliases for the predicates used by transformations.',
    validate: uniqueAliases,
  },
  'config.action.reload': {
    type: 'STRING',
    default: 'restart',
    importance: 'LOW',
    width: 'MEDIUM',
    group: COMMON,
    order: 14,
    displayName: 'Reload Action',
    recommended: ['none', 'restart'],
    doc: 'What happens when values from configuration providers change.',
    validate: oneOf('none', 'restart'),
  },
});

export const sinkFields = defineFields({
  topics: {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    width: 'LONG',
    group: COMMON,
    order: 4,
    displayName: 'Topics',
    doc: 'List of topics to consume, separated by commas.',
  },
  'topics.regex': {
    type: 'STRING',
    default: '',
    importance: 'HIGH',
    width: 'LONG',
    group: COMMON,
    order: 4,
    displayName: 'Topics regex',
    doc: 'Regular expression giving topics to consume; the whole name must match. Only one of topics and topics.regex should be given.',
    validate: validRegex,
  },
});

export const sourceFields = defineFields({
  'topic.creation.groups': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'LONG',
    group: 'Topic Creation',
    order: 1,
    displayName: 'Topic Creation Groups',
    doc: 'Groups of configurations for topics created by source connectors.',
    validate: uniqueAliases,
  },
  'exactly.once.support': {
    type: 'STRING',
    default: 'requested',
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Exactly Once Support',
    order: 2,
    displayName: 'Exactly once support',
    recommended: ['requested', 'required'],
    doc: 'Whether the connector must have exactly-once delivery.',
    validate: oneOfIgnoringCase('required', 'requested'),
  },
  'transaction.boundary': {
    type: 'STRING',
    default: 'poll',
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Exactly Once Support',
    order: 3,
    displayName: 'Transaction Boundary',
    recommended: ['poll', 'interval', 'connector'],
    doc: 'When a transaction ends, with exactly-once delivery.',
    validate: oneOfIgnoringCase('interval', 'poll', 'connector'),
  },
  'transaction.boundary.interval.ms': {
    type: 'LONG',
    default: null,
    importance: 'LOW',
    width: 'SHORT',
    group: 'Exactly Once Support',
    order: 4,
    displayName: 'Transaction boundary interval',
    doc: 'How often transactions end when transaction.boundary is interval.',
    validate: atLeast(1),
  },
  'offsets.storage.topic': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'LONG',
    group: 'offsets.topic',
    order: 1,
    displayName: 'Offsets topic',
    doc: "A separate topic for this connector's offsets. Written before, and copied to, the worker's topic; read first.",
    validate: nonEmpty,
  },
});

/** What is known of a plugin that an alias names. */
export interface AliasedPlugin {
  readonly fields: Fields;
  readonly version: string | undefined;
}

/** Fields of `transforms.<alias>.`: its class, the transform's own, and when it applies. */
export function transformFields(
  alias: string,
  classNames: readonly string[],
  plugin: AliasedPlugin,
): Fields {
  const group = `Transforms: ${alias}`;
  return {
    type: {
      type: 'CLASS',
      importance: 'HIGH',
      width: 'LONG',
      group,
      order: 0,
      displayName: `Transformation type for ${alias}`,
      doc: `Class for the '${alias}' transformation.`,
      recommended: classNames,
    },
    'plugin.version': aliasVersion('Transformation', alias, group, plugin),
    ...embedded(group, { ...plugin.fields, ...predicateUse }),
  };
}

/** When a transform is to be applied; listed among its own. */
const predicateUse: Fields = {
  negate: {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether the configured predicate should be negated.',
  },
  predicate: {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    doc: 'The alias of a predicate used to determine whether to apply this transformation.',
  },
};

/** Fields of `predicates.<alias>.`: its class and the predicate's own. */
export function predicateFields(
  alias: string,
  classNames: readonly string[],
  plugin: AliasedPlugin,
): Fields {
  const group = `Predicates: ${alias}`;
  return {
    type: {
      type: 'CLASS',
      importance: 'HIGH',
      width: 'LONG',
      group,
      order: 0,
      displayName: `Predicate type for ${alias}`,
      doc: `Class for the '${alias}' predicate.`,
      recommended: classNames,
    },
    'plugin.version': aliasVersion('Predicate', alias, group, plugin),
    ...embedded(group, plugin.fields),
  };
}

/** After the class and its version. */
const FIRST_OWN = 2;

/** In the order in which Kafka's ConfigDef embeds one in another: required, important, by name. */
function embedded(group: string, fields: Fields): Fields {
  const ranks = { HIGH: 0, MEDIUM: 1, LOW: 2 } as const;
  const rank = ({ importance = 'MEDIUM', ...field }: AnyField): number =>
    (field.default === undefined ? 0 : 3) + ranks[importance];
  const sorted = Object.entries(fields).sort(
    ([left, one], [right, other]) => rank(one) - rank(other) || (left < right ? -1 : 1),
  );
  return Object.fromEntries(
    sorted.map(([key, field], index) => [
      key,
      { ...field, group, order: FIRST_OWN + index, displayName: field.displayName ?? key },
    ]),
  );
}

function aliasVersion(
  kind: string,
  alias: string,
  group: string,
  { version: installed }: AliasedPlugin,
): AnyField {
  return {
    ...version(`${kind} version for ${alias}`, 1),
    ...(installed === undefined ? {} : { default: installed, recommended: [installed] }),
    importance: 'HIGH',
    width: 'LONG',
    group,
  };
}

/** Fields of `topic.creation.<group>.`; any other key there is a topic's own. */
export function topicCreationFields(name: string): Fields {
  const group = `Topic Creation: ${name}`;
  const isDefault = name === 'default';
  return {
    include: {
      type: 'LIST',
      ...(isDefault ? { default: ['.*'] } : {}),
      importance: 'HIGH',
      group,
      order: 1,
      doc: 'Regular expressions of the topics that belong to the group.',
      validate: eachRegex,
    },
    exclude: {
      type: 'LIST',
      default: [],
      importance: 'MEDIUM',
      group,
      order: 2,
      doc: 'Regular expressions of topics that do not belong to the group.',
      validate: eachRegex,
    },
    'replication.factor': {
      type: 'SHORT',
      ...(isDefault ? {} : { default: null }),
      importance: 'HIGH',
      group,
      order: 3,
      doc: "Replicas of the topics; -1 is the broker's default.",
      validate: positiveOrDefault('Replication factor'),
    },
    partitions: {
      type: 'INT',
      ...(isDefault ? {} : { default: null }),
      importance: 'HIGH',
      group,
      order: 4,
      doc: "Partitions of the topics; -1 is the broker's default.",
      validate: positiveOrDefault('Number of partitions'),
    },
  };
}

function positiveOrDefault(what: string): (value: number) => string | undefined {
  return (value) =>
    value === -1 || value >= 1
      ? undefined
      : `${what} must be positive, or -1 to use the broker's default`;
}

function eachRegex(patterns: readonly string[]): string | undefined {
  return patterns.map(validRegex).find((problem) => problem !== undefined);
}

/** In the words that Connect has for names alone. */
function notEmptyName(value: string): string | undefined {
  return value === '' ? 'String may not be empty' : undefined;
}

function withoutControlCharacters(value: string): string | undefined {
  const codes = Array.from(value, (character) => character.codePointAt(0) ?? 0).filter(
    (code) => code < 0x20 || (code >= 0x7f && code <= 0x9f),
  );
  return codes.length === 0
    ? undefined
    : `String may not contain control sequences but had the following ASCII chars: ${codes.join(', ')}`;
}

function converter(
  role: string,
  order: number,
): {
  readonly type: 'CLASS';
  readonly default: null;
  readonly importance: 'LOW';
  readonly width: 'SHORT';
  readonly group: string;
  readonly order: number;
  readonly displayName: string;
  readonly doc: string;
} {
  return {
    type: 'CLASS',
    default: null,
    importance: 'LOW',
    width: 'SHORT',
    group: COMMON,
    order,
    displayName: `${role} converter class`,
    doc: `${role} converter class used to convert between Kafka Connect format and the serialized form that is written to Kafka. Default: the worker's.`,
  };
}

function version(
  displayName: string,
  order: number,
): {
  readonly type: 'STRING';
  readonly default: null;
  readonly importance: 'LOW';
  readonly width: 'SHORT';
  readonly group: string;
  readonly order: number;
  readonly displayName: string;
  readonly doc: string;
} {
  return {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'SHORT',
    group: COMMON,
    order,
    displayName,
    doc: `${displayName} to use: a version such as 1.0, a range such as [1.0,2.0), or latest. Of a plugin that is shipped there is one version, which is used whatever is asked for.`,
  };
}
