import type { AnyField } from '@millrace/config';
import {
  apis,
  ErrorCode,
  type DescribeConfigsRequest,
  type DescribeConfigsRequestResource,
  type DescribeConfigsResponseConfigInput,
  type DescribeConfigsResponseInput,
  type DescribeConfigsResponseResultInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { isDynamic, listenerBaseKey } from '../dynamic-keys.ts';
import {
  brokerConfigChain,
  ConfigSource,
  configTypeOf,
  showDefault,
  shownSynonyms,
  topicConfigChain,
  type ConfigValue,
} from '../effective-configs.ts';
import { configsOf } from '../metadata/metadata-image.ts';
import { clientMetricsFields, groupResourceFields } from '../resource-fields.ts';
import { ResourceType } from '../resource-type.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { brokerFieldOf, shownBrokerFields, topicFields } from '../topic-fields.ts';
import { findTopicNameProblem } from '../topic-names.ts';

export const describeConfigsHandler: ServedApi = serve(apis.describeConfigs, describeConfigs);

function describeConfigs(
  request: DescribeConfigsRequest,
  { core }: Call,
): DescribeConfigsResponseInput {
  return {
    results: request.resources.map((resource) => describeResource(resource, request, core)),
  };
}

type Configs = readonly DescribeConfigsResponseConfigInput[];

function describeResource(
  resource: DescribeConfigsRequestResource,
  request: DescribeConfigsRequest,
  core: BrokerCore,
): DescribeConfigsResponseResultInput {
  const { resourceType, resourceName, configurationKeys } = resource;
  const isAll = configurationKeys === null || configurationKeys.length === 0;
  const found = configsFor(resource, request, core);
  if ('errorCode' in found) return { ...found, resourceType, resourceName, configs: [] };
  return {
    errorCode: ErrorCode.NONE,
    // Kafka says "no error" with an empty text here.
    errorMessage: '',
    resourceType,
    resourceName,
    configs: found.filter(({ name }) => isAll || configurationKeys.includes(name)),
  };
}

interface Failed {
  readonly errorCode: number;
  readonly errorMessage: string;
}

function configsFor(
  { resourceType, resourceName }: DescribeConfigsRequestResource,
  request: DescribeConfigsRequest,
  core: BrokerCore,
): Configs | Failed {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return topicConfigs(resourceName, request, core);
    case ResourceType.BROKER:
      if (resourceName === '') return defaultBrokerConfigs(request, core);
      return findBrokerProblem(resourceName, core.nodeId) ?? brokerConfigs(request, core);
    case ResourceType.BROKER_LOGGER:
      if (resourceName === '') return invalid('Broker id must not be empty');
      return resourceName === String(core.nodeId)
        ? loggerConfigs(core)
        : invalid(`Unexpected broker id, expected ${core.nodeId} but received ${resourceName}`);
    case ResourceType.CLIENT_METRICS:
      return resourceName === ''
        ? invalid('Client metrics subscription name must not be empty')
        : ownConfigs(clientMetricsFields, ConfigSource.CLIENT_METRICS, resourceName, request, core);
    case ResourceType.GROUP:
      return resourceName === ''
        ? invalid('Group name must not be empty')
        : ownConfigs(groupResourceFields, ConfigSource.GROUP, resourceName, request, core);
    default:
      return invalid(`Unexpected resource type ${resourceType}`);
  }
}

function topicConfigs(
  name: string,
  request: DescribeConfigsRequest,
  core: BrokerCore,
): Configs | Failed {
  const entry = core.topics.find(name);
  if (entry === undefined) {
    const problem = findTopicNameProblem(name);
    return problem === undefined
      ? { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: '' }
      : { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, errorMessage: problem };
  }
  return Object.entries(topicFields).map(([key, field]) => {
    const chain = topicConfigChain(key, entry.configs, core.topics.layers);
    const { synonyms, ...described } = describe(key, field, chain, false, request);
    const shown = synonyms === undefined || synonyms.length === 0 ? [] : shownSynonyms(key, chain);
    return { ...described, synonyms: shown };
  });
}

function brokerConfigs(request: DescribeConfigsRequest, core: BrokerCore): Configs {
  const { layers } = core.topics;
  const known = [...shownBrokerFields].map(([key, field]) => {
    const chain = atStart(key, brokerConfigChain(key, layers), core);
    return describe(key, field, chain, !isDynamic(key), request);
  });
  const others = Object.keys({ ...layers.given, ...layers.dynamicDefault, ...layers.dynamic });
  const further = others.filter((key) => brokerFieldOf(key) === undefined);
  return [
    ...known,
    ...further.map((key) => describeFurther(key, brokerConfigChain(key, layers), request)),
  ];
}

function loggerConfigs({ loggers }: BrokerCore): Configs {
  const configSource = ConfigSource.DYNAMIC_BROKER_LOGGER;
  return Object.entries(loggers.list()).map(([name, value]) => ({
    ...{ name, value, configSource, readOnly: false, isSensitive: false, synonyms: [] },
  }));
}

/** What the broker has found out itself is as if it had been given, as in Kafka. */
function atStart(
  key: string,
  chain: readonly ConfigValue[],
  { metadata, nodeId }: BrokerCore,
): readonly ConfigValue[] {
  const isGiven = chain.some(({ source }) => source !== ConfigSource.DEFAULT);
  if (isGiven) return chain;
  const derived: Readonly<Record<string, () => string>> = {
    'advertised.listeners': () =>
      (metadata.image.brokers.get(nodeId)?.endPoints ?? [])
        .map(({ name, host, port }) => `${name}://${host}:${port}`)
        .join(','),
    'node.id': () => String(nodeId),
  };
  const value = derived[key]?.();
  return value === undefined ? chain : [{ name: key, value, source: ConfigSource.STATIC_BROKER }];
}

/** Of a listener, which has the type of its plain key; or set by somebody who knows more than we. */
function describeFurther(
  key: string,
  chain: readonly ConfigValue[],
  request: DescribeConfigsRequest,
): DescribeConfigsResponseConfigInput {
  const base = listenerBaseKey(key);
  const field = base === undefined ? undefined : brokerFieldOf(base);
  const set = chain.filter(({ source }) => source !== ConfigSource.DEFAULT);
  return field === undefined || base === undefined
    ? describeUnknown(key, set[0]?.source ?? ConfigSource.STATIC_BROKER)
    : describe(key, field, set, !isDynamic(base), request);
}

/** What was set for all brokers, and nothing else. */
function defaultBrokerConfigs(request: DescribeConfigsRequest, core: BrokerCore): Configs {
  const source = ConfigSource.DYNAMIC_DEFAULT_BROKER;
  return Object.entries(core.topics.layers.dynamicDefault).map(([name, value]) => {
    const field = brokerFieldOf(name);
    return field === undefined
      ? describeUnknown(name, source)
      : describe(name, field, [{ name, value, source }], !isDynamic(name), request);
  });
}

/** Settings of a group or of a subscription to client metrics: set there, or defaults. */
function ownConfigs(
  fields: Readonly<Record<string, AnyField>>,
  source: number,
  resourceName: string,
  request: DescribeConfigsRequest,
  core: BrokerCore,
): Configs {
  const isGroup = source === ConfigSource.GROUP;
  const type = isGroup ? ResourceType.GROUP : ResourceType.CLIENT_METRICS;
  const own = configsOf(core.topics.image, type, resourceName);
  return Object.entries(fields).map(([name, field]) => {
    const set = own[name];
    // A group's defaults are what its broker gives to all.
    const inherited = isGroup
      ? brokerConfigChain(`group.${name}`, core.topics.layers)[0]
      : undefined;
    const value = inherited?.value ?? showDefault(field);
    const preset = { name, value, source: ConfigSource.DEFAULT };
    const chain = set === undefined ? [preset] : [{ name, value: set, source }];
    const described = describe(name, field, chain, false, request);
    return set === undefined && !isGroup ? { ...described, synonyms: [] } : described;
  });
}

function describe(
  name: string,
  field: AnyField,
  chain: readonly ConfigValue[],
  readOnly: boolean,
  request: DescribeConfigsRequest,
): DescribeConfigsResponseConfigInput {
  const [effective] = chain;
  const isSensitive = field.type === 'PASSWORD';
  return {
    name,
    value: isSensitive ? null : (effective?.value ?? null),
    readOnly,
    configSource: effective?.source ?? -1,
    isSensitive,
    synonyms:
      request.includeSynonyms && !isSensitive ? chain.filter(({ value }) => value !== null) : [],
    configType: configTypeOf(field),
    documentation: request.includeDocumentation ? field.doc : null,
  };
}

/** Set by somebody who knows more than we: it may be a secret. */
function describeUnknown(name: string, configSource: number): DescribeConfigsResponseConfigInput {
  return { name, value: null, configSource, isSensitive: true };
}

function findBrokerProblem(name: string, nodeId: number): Failed | undefined {
  if (name === String(nodeId)) return undefined;
  return invalid(
    /^-?\d+$/.test(name)
      ? `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`
      : `Broker id must be an integer, but it is: ${name}`,
  );
}

function invalid(errorMessage: string): Failed {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}
