import type { AnyField } from '@millrace/config';
import {
  apis,
  ErrorCode,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsRequestConfig,
  type IncrementalAlterConfigsRequestResource,
  type IncrementalAlterConfigsResponseInput,
} from '@millrace/kafka-protocol';
import { alterResource, findTwice, NAMED_TWICE, resourceKey } from '../alter-resource.ts';
import { alterLoggers } from '../broker-loggers.ts';
import type { BrokerCore, Call } from '../core.ts';
import { brokerConfigChain, topicConfigChain } from '../effective-configs.ts';
import type { ConfigOverrides } from '../metadata/metadata-image.ts';
import type { Refusal } from '../refusal.ts';
import { clientMetricsFields, fieldIn, groupResourceFields } from '../resource-fields.ts';
import { ResourceType } from '../resource-type.ts';
import { serve, type ServedApi } from '../served-api.ts';
import { brokerFieldOf, topicFieldOf } from '../topic-fields.ts';

const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export const incrementalAlterConfigsHandler: ServedApi = serve(
  apis.incrementalAlterConfigs,
  incrementalAlterConfigs,
);

async function incrementalAlterConfigs(
  request: IncrementalAlterConfigsRequest,
  { core }: Call,
): Promise<IncrementalAlterConfigsResponseInput> {
  const responses: IncrementalAlterConfigsResponseInput['responses'][number][] = [];
  const twice = findTwice(request.resources);
  for (const resource of request.resources) {
    const { resourceType, resourceName } = resource;
    const refusal = twice.has(resourceKey(resource))
      ? NAMED_TWICE
      : resourceType === ResourceType.BROKER_LOGGER
        ? alterLevels(resource, core, request.validateOnly)
        : await alterResource(
            core,
            resource,
            (current) => applyOperations(current, resource, core),
            request.validateOnly,
          );
    responses.push({
      errorCode: refusal?.errorCode ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    });
  }
  return { responses };
}

function applyOperations(
  current: ConfigOverrides,
  resource: IncrementalAlterConfigsRequestResource,
  core: BrokerCore,
): ConfigOverrides | Refusal {
  const names = resource.configs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    return refusal(ErrorCode.INVALID_REQUEST, 'Error due to duplicate config keys');
  let changed = current;
  for (const operation of resource.configs) {
    const next = applyOperation(changed, operation, resource.resourceType, core);
    if ('problem' in next) return next.problem;
    changed = next.configs;
  }
  return changed;
}

type Applied = { readonly configs: ConfigOverrides } | { readonly problem: Refusal };

function applyOperation(
  current: ConfigOverrides,
  { name, value, configOperation }: IncrementalAlterConfigsRequestConfig,
  resourceType: number,
  core: BrokerCore,
): Applied {
  if (configOperation === Operation.DELETE) {
    return { configs: Object.fromEntries(Object.entries(current).filter(([key]) => key !== name)) };
  }
  if (value === null)
    return {
      problem: refusal(ErrorCode.INVALID_REQUEST, `Null value not supported for : ${name}`),
    };
  switch (configOperation) {
    case Operation.SET:
      return { configs: { ...current, [name]: value } };
    case Operation.APPEND:
    case Operation.SUBTRACT: {
      const field = fieldOf(resourceType, name);
      if (field !== undefined && field.type !== 'LIST') {
        const verb = configOperation === Operation.APPEND ? 'APPEND' : 'SUBTRACT';
        return {
          problem: refusal(
            ErrorCode.INVALID_CONFIG,
            `Can't ${verb} to key ${name} because its type is not LIST.`,
          ),
        };
      }
      const effective = effectiveValue(name, current, resourceType, core);
      return { configs: { ...current, [name]: changeList(effective, value, configOperation) } };
    }
    default:
      return {
        problem: refusal(
          ErrorCode.UNKNOWN_SERVER_ERROR,
          `Unknown config operation ${configOperation}`,
        ),
      };
  }
}

function effectiveValue(
  name: string,
  current: ConfigOverrides,
  resourceType: number,
  core: BrokerCore,
): string {
  const { layers } = core.topics;
  switch (resourceType) {
    case ResourceType.TOPIC:
      return topicConfigChain(name, current, layers)[0]?.value ?? '';
    case ResourceType.BROKER:
      return brokerConfigChain(name, { ...layers, dynamic: current })[0]?.value ?? '';
    default:
      return current[name] ?? '';
  }
}

function fieldOf(resourceType: number, name: string): AnyField | undefined {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return topicFieldOf(name);
    case ResourceType.BROKER:
      return brokerFieldOf(name);
    case ResourceType.GROUP:
      return fieldIn(groupResourceFields, name);
    default:
      return fieldIn(clientMetricsFields, name);
  }
}

/** Levels are of this process and not kept. */
function alterLevels(
  { resourceName, configs }: IncrementalAlterConfigsRequestResource,
  { nodeId, loggers }: BrokerCore,
  isValidateOnly: boolean,
): Refusal | undefined {
  if (resourceName === String(nodeId)) {
    const names = configs.map(({ name }) => name);
    return new Set(names).size < names.length
      ? refusal(ErrorCode.INVALID_REQUEST, 'Error due to duplicate config keys')
      : alterLoggers(loggers, configs, isValidateOnly);
  }
  return refusal(
    ErrorCode.INVALID_REQUEST,
    /^-?\d+$/.test(resourceName)
      ? `Unexpected node id. Expected ${nodeId}, but received ${resourceName}`
      : `Node id must be an integer, but it is: ${resourceName}`,
  );
}

function changeList(before: string, value: string, operation: number): string {
  const split = (text: string): string[] =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const asked = split(value);
  const kept = split(before).filter((part) => !asked.includes(part));
  return (
    operation === Operation.APPEND
      ? [...split(before), ...asked.filter((part) => !split(before).includes(part))]
      : kept
  ).join(',');
}

function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}
