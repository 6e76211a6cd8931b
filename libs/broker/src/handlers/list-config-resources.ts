import {
  apis,
  ErrorCode,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponseInput,
} from '@millrace/kafka-protocol';
import type { BrokerCore, Call } from '../core.ts';
import { configResourceOf } from '../metadata/metadata-image.ts';
import { ResourceType } from '../resource-type.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const listConfigResourcesHandler: ServedApi = serve(
  apis.listConfigResources,
  listConfigResources,
);

const ALL_TYPES: readonly number[] = [
  ResourceType.BROKER_LOGGER,
  ResourceType.BROKER,
  ResourceType.TOPIC,
  ResourceType.CLIENT_METRICS,
  ResourceType.GROUP,
];

function listConfigResources(
  { resourceTypes }: ListConfigResourcesRequest,
  { core, version }: Call,
): ListConfigResourcesResponseInput {
  if (resourceTypes.some((type) => !ALL_TYPES.includes(type)))
    return { errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] };
  const asked = resourceTypes.length === 0 ? ALL_TYPES : resourceTypes;
  const wanted = version === 0 ? [ResourceType.CLIENT_METRICS] : asked;
  return {
    errorCode: ErrorCode.NONE,
    configResources: ALL_TYPES.filter((type) => wanted.includes(type)).flatMap((resourceType) =>
      namesOf(resourceType, core).map((resourceName) => ({ resourceName, resourceType })),
    ),
  };
}

function namesOf(type: number, core: BrokerCore): readonly string[] {
  const { image } = core.topics;
  switch (type) {
    case ResourceType.TOPIC:
      return [...image.topicsByName.keys()];
    case ResourceType.BROKER:
    case ResourceType.BROKER_LOGGER:
      return [String(core.nodeId)];
    default:
      return [...image.configs.keys()].flatMap((key) => {
        const [resourceType, name] = configResourceOf(key);
        return resourceType === type ? [name] : [];
      });
  }
}
