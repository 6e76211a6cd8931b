import {
  apis,
  ErrorCode,
  type AlterConfigsRequest,
  type AlterConfigsResponseInput,
} from '@millrace/kafka-protocol';
import { alterResource, findTwice, NAMED_TWICE, resourceKey } from '../alter-resource.ts';
import type { Call } from '../core.ts';
import type { ConfigOverrides } from '../metadata/metadata-image.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** Replaces all settings of a resource: what is not named goes back to its default. */
export const alterConfigsHandler: ServedApi = serve(apis.alterConfigs, alterConfigs);

async function alterConfigs(
  request: AlterConfigsRequest,
  { core }: Call,
): Promise<AlterConfigsResponseInput> {
  const responses: AlterConfigsResponseInput['responses'][number][] = [];
  const twice = findTwice(request.resources);
  for (const resource of request.resources) {
    const { resourceType, resourceName, configs } = resource;
    const plan = (): ConfigOverrides | Refusal => {
      const missing = configs.find(({ value }) => value === null);
      if (missing !== undefined)
        return {
          errorCode: ErrorCode.INVALID_REQUEST,
          message: `Null value not supported for : ${missing.name}`,
        };
      return Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']));
    };
    const refusal = twice.has(resourceKey(resource))
      ? NAMED_TWICE
      : await alterResource(core, resource, plan, request.validateOnly);
    responses.push({
      errorCode: refusal?.errorCode ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
      resourceType,
      resourceName,
    });
  }
  return { responses };
}
