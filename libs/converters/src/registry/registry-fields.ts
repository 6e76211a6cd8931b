import { atLeast, defineFields, type Validator } from '@millrace/config';
import { registryClientFields } from '@millrace/schema-registry';
import { STRATEGY_CLASSES, strategyOf } from './subject-names.ts';

const knownStrategy: Validator<string> = (value) =>
  strategyOf(value) === undefined
    ? `String must be one of: ${STRATEGY_CLASSES.join(', ')}`
    : undefined;

const DEFAULT_STRATEGY = 'io.confluent.kafka.serializers.subject.TopicNameStrategy';

/** The keys that all converters with a registry share, those of the client included. */
export const registryConverterFields = defineFields({
  ...registryClientFields,
  'auto.register.schemas': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Auto Register Schemas',
    doc: 'Whether schemas are registered when they are first written; otherwise they must be there.',
  },
  'normalize.schemas': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Normalize Schemas',
    doc: 'Whether the registry brings schemas into their normal form before it compares them.',
  },
  'use.latest.version': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Use Latest Version',
    doc: 'With auto.register.schemas=false: write with the latest version of the subject, whatever the schema of the record.',
  },
  'latest.compatibility.strict': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Latest Compatibility Strict',
    doc: 'With use.latest.version: fail when the latest version can not hold the schema of the record. What does not fit fails in any case.',
  },
  'latest.cache.ttl.sec': {
    type: 'INT',
    default: -1,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Latest Cache TTL',
    doc: 'With use.latest.version: after how many seconds the registry is asked again; -1 for never.',
    validate: atLeast(-1),
  },
  'use.schema.id': {
    type: 'INT',
    default: -1,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Use Schema ID',
    doc: 'With auto.register.schemas=false: write with the schema of this id.',
  },
  'key.subject.name.strategy': {
    type: 'STRING',
    default: DEFAULT_STRATEGY,
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Key Subject Name Strategy',
    recommended: STRATEGY_CLASSES,
    doc: 'How the subject of a key schema is named; by default <topic>-key.',
    validate: knownStrategy,
  },
  'value.subject.name.strategy': {
    type: 'STRING',
    default: DEFAULT_STRATEGY,
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Value Subject Name Strategy',
    recommended: STRATEGY_CLASSES,
    doc: 'How the subject of a value schema is named; by default <topic>-value.',
    validate: knownStrategy,
  },
});

/** The keys of Confluent's AbstractDataConfig. */
export const dataFields = defineFields({
  'schemas.cache.config': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    group: 'Schemas',
    displayName: 'Schema Cache Size',
    doc: 'How many schemas are kept ready for conversion.',
    aliases: ['schemas.cache.size'],
    validate: atLeast(1),
  },
  'generalized.sum.type.support': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'Schemas',
    displayName: 'Generalized Sum Type Support',
    doc: 'Whether unions and enums have one form in all formats.',
  },
  'ignore.default.for.nullables': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    group: 'Schemas',
    displayName: 'Ignore Default For Nullables',
    doc: 'Whether a null in an optional field that has a default stays null.',
  },
});
