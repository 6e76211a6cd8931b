import {
  parseValue,
  showValue,
  type AnyField,
  type ParsedValues,
  type FieldType,
} from '@millrace/config';
import {
  brokerFieldOf,
  brokerSynonyms,
  topicFieldOf,
  topicFields,
  isTopicKey,
} from './topic-fields.ts';
import { FOREVER } from './forever.ts';
import type { ConfigOverrides } from './metadata/metadata-image.ts';

/** Kafka's numbers for where a value comes from. */
export const ConfigSource = {
  TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  DYNAMIC_BROKER_LOGGER: 6,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const;

/** A value somewhere along the chain from the topic's own to the built-in default. */
export interface ConfigValue {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
  /** As it was set, when that is in another unit. */
  readonly raw?: string;
}

export interface BrokerLayers {
  /** Changed while running, and durable: for this broker, and for all brokers. */
  readonly dynamic: ConfigOverrides;
  readonly dynamicDefault: ConfigOverrides;
  /** Given at the start. */
  readonly given: ConfigOverrides;
}

const LAYERS = ['dynamic', 'dynamicDefault', 'given', 'default'] as const;
type Layer = (typeof LAYERS)[number];

/** Every value that a topic's key could have, the effective one first. */
export function topicConfigChain(
  key: string,
  overrides: ConfigOverrides,
  layers: BrokerLayers,
): readonly ConfigValue[] {
  const chain: ConfigValue[] = [];
  const own = overrides[key];
  if (own !== undefined) chain.push({ name: key, value: own, source: ConfigSource.TOPIC });
  const synonyms = isTopicKey(key) ? (brokerSynonyms[key] ?? []) : [];
  for (const source of LAYERS) {
    for (const { key: brokerKey, factor } of synonyms) {
      const value = brokerValue(brokerKey, source, layers);
      if (value === null) continue;
      const raw = factor === 1 ? {} : { raw: value };
      const name = brokerKey;
      chain.push({ name, value: scale(value, factor), source: sourceNumber(source), ...raw });
      if (source === 'default') break;
    }
  }
  if (synonyms.length === 0) {
    const field = topicFieldOf(key);
    if (field !== undefined)
      chain.push({ name: key, value: showDefault(field), source: ConfigSource.DEFAULT });
  }
  return chain;
}

/** The chain of a topic's key as Kafka shows it: without defaults that are nobody's own setting. */
export function shownSynonyms(key: string, chain: readonly ConfigValue[]): readonly ConfigValue[] {
  const [first] = isTopicKey(key) ? (brokerSynonyms[key] ?? []) : [];
  const isSet = chain.some(
    ({ source }) => source !== ConfigSource.TOPIC && source !== ConfigSource.DEFAULT,
  );
  return chain
    .filter(({ name, source }) => source !== ConfigSource.DEFAULT || name === first?.key || isSet)
    .map(({ name, value, raw, source }) => ({ name, value: raw ?? value, source }));
}

export function brokerConfigChain(key: string, layers: BrokerLayers): readonly ConfigValue[] {
  const chain: ConfigValue[] = [];
  for (const source of LAYERS) {
    const value = brokerValue(key, source, layers);
    if (value !== null || source === 'default')
      chain.push({ name: key, value, source: sourceNumber(source) });
  }
  return chain;
}

/** The effective value of each topic key, as texts. */
export function effectiveTopicConfig(
  overrides: ConfigOverrides,
  layers: BrokerLayers,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.keys(topicFields).map((key) => [
      key,
      topicConfigChain(key, overrides, layers)[0]?.value ?? null,
    ]),
  );
}

/** What is wrong with a text for this field, in Kafka's words; undefined when it is right. */
export function findConfigProblem(key: string, field: AnyField, text: string): string | undefined {
  const parsed = parseValue(field.type, text);
  const problem = 'problem' in parsed ? parsed.problem : runValidator(field, parsed.value);
  return problem === undefined
    ? undefined
    : `Invalid value ${text} for configuration ${key}: ${problem}`;
}

function runValidator(field: AnyField, value: ParsedValues[FieldType]): string | undefined {
  // The parsed value has the type that the field's own `type` names.
  const validate = field.validate as
    ((value: ParsedValues[FieldType]) => string | undefined) | undefined;
  return validate?.(value);
}

/** Kafka's numbers for the types of settings. */
export function configTypeOf(field: AnyField): number {
  return CONFIG_TYPES[field.type];
}

const CONFIG_TYPES: Readonly<Record<FieldType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
};

function brokerValue(key: string, source: Layer, layers: BrokerLayers): string | null {
  if (source === 'dynamic' || source === 'dynamicDefault') return layers[source][key] ?? null;
  const field = brokerFieldOf(key);
  if (source === 'default') return field === undefined ? null : showDefault(field);
  const names = [key, ...(field?.aliases ?? [])];
  return names.map((name) => layers.given[name]).find((value) => value !== undefined) ?? null;
}

/** Java's Long.MAX_VALUE has no exact number here. */
export function showDefault(field: AnyField): string | null {
  const { default: value } = field;
  return value === FOREVER ? '9223372036854775807' : showValue(field, value);
}

function scale(value: string, factor: number): string {
  return factor === 1 || Number(value) < 0 ? value : String(Number(value) * factor);
}

function sourceNumber(source: Layer): number {
  switch (source) {
    case 'dynamic':
      return ConfigSource.DYNAMIC_BROKER;
    case 'dynamicDefault':
      return ConfigSource.DYNAMIC_DEFAULT_BROKER;
    case 'given':
      return ConfigSource.STATIC_BROKER;
    case 'default':
      return ConfigSource.DEFAULT;
  }
}
