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
import {
  brokerConfigChain,
  configTypeOf,
  topicConfigChain,
  type ConfigValue,
} from '../effective-configs.ts';
import { brokerFields } from '../fields.ts';
import { ResourceType } from '../resource-type.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { dynamicBrokerKeys, topicFields } from '../topic-fields.ts';
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

function describeResource(
  resource: DescribeConfigsRequestResource,
  request: DescribeConfigsRequest,
  core: BrokerCore,
): DescribeConfigsResponseResultInput {
  const { resourceType, resourceName } = resource;
  const isWanted = (key: string): boolean =>
    resource.configurationKeys === null || resource.configurationKeys.includes(key);
  const found = (
    configs: readonly DescribeConfigsResponseConfigInput[],
  ): DescribeConfigsResponseResultInput => ({
    errorCode: ErrorCode.NONE,
    resourceType,
    resourceName,
    configs,
  });
  switch (resourceType) {
    case ResourceType.TOPIC: {
      const entry = core.topics.find(resourceName);
      if (entry === undefined) return unknownTopic(resource);
      const fields = Object.entries(topicFields).filter(([key]) => isWanted(key));
      return found(
        fields.map(([key, field]) => {
          const chain = topicConfigChain(key, entry.configs, core.topics.layers);
          return describe(key, field, chain, false, request);
        }),
      );
    }
    case ResourceType.BROKER: {
      const isDefault = resourceName === '';
      if (!isDefault && resourceName !== String(core.nodeId))
        return failed(
          resource,
          ErrorCode.INVALID_REQUEST,
          `Unexpected broker id, expected ${core.nodeId} or empty string, but received ${resourceName}`,
        );
      const { layers } = core.topics;
      const fields = Object.entries(brokerFields).filter(
        ([key]) => isWanted(key) && (!isDefault || layers.dynamic[key] !== undefined),
      );
      return found(
        fields.map(([key, field]) => {
          const isReadOnly = !dynamicBrokerKeys.has(key);
          return describe(key, field, brokerConfigChain(key, layers), isReadOnly, request);
        }),
      );
    }
    case ResourceType.BROKER_LOGGER:
    case ResourceType.CLIENT_METRICS:
    case ResourceType.GROUP:
      return found([]);
    default:
      return failed(
        resource,
        ErrorCode.INVALID_REQUEST,
        `Unexpected resource type ${resourceType}`,
      );
  }
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
    synonyms: request.includeSynonyms && !isSensitive ? chain : [],
    configType: configTypeOf(field),
    documentation: request.includeDocumentation ? field.doc : null,
  };
}

function unknownTopic(
  resource: DescribeConfigsRequestResource,
): DescribeConfigsResponseResultInput {
  const problem = findTopicNameProblem(resource.resourceName);
  return problem === undefined
    ? failed(
        resource,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        'This server does not host this topic.',
      )
    : failed(resource, ErrorCode.INVALID_TOPIC_EXCEPTION, problem);
}

function failed(
  { resourceType, resourceName }: DescribeConfigsRequestResource,
  errorCode: number,
  errorMessage: string,
): DescribeConfigsResponseResultInput {
  return { errorCode, errorMessage, resourceType, resourceName, configs: [] };
}
