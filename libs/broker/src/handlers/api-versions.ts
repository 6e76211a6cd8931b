import { apis, ErrorCode, type ApiVersionsResponseInput } from '@millrace/kafka-protocol';
import type { BrokerCore } from '../core.ts';
import { features, finalizedLevel } from '../features.ts';
import { serve, type ServedApi } from '../served-api.ts';

/** Kafka's rule for names and versions of client software. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** From here on features are told that may be off (KAFKA-17011): older clients fail at a minimum of 0. */
const OFF_FEATURES_SINCE = 4;

export function apiVersionsHandler(served: () => readonly ServedApi[]): ServedApi {
  return serve(apis.apiVersions, (request, { core, version }) => {
    const { clientSoftwareName: name, clientSoftwareVersion: software } = request;
    const isNamed = version < 3 || (SOFTWARE.test(name) && SOFTWARE.test(software));
    return isNamed
      ? { ...apiVersionsResponse(served(), ErrorCode.NONE), ...featuresOf(core, version) }
      : apiVersionsResponse([], ErrorCode.INVALID_REQUEST);
  });
}

export function apiVersionsResponse(
  served: readonly ServedApi[],
  errorCode: number,
): ApiVersionsResponseInput {
  return {
    errorCode,
    apiKeys: served.map((api) => ({
      apiKey: api.key,
      minVersion: api.advertisedMinVersion,
      maxVersion: api.maxVersion,
    })),
  };
}

function featuresOf(
  { metadata }: BrokerCore,
  version: number,
): Pick<
  ApiVersionsResponseInput,
  'supportedFeatures' | 'finalizedFeatures' | 'finalizedFeaturesEpoch'
> {
  const told = features.filter(({ minLevel }) => minLevel > 0 || version >= OFF_FEATURES_SINCE);
  return {
    supportedFeatures: told.map(({ name, minLevel, maxLevel }) => ({
      name,
      minVersion: minLevel,
      maxVersion: maxLevel,
    })),
    finalizedFeaturesEpoch: metadata.appliedOffset,
    finalizedFeatures: features
      .map(({ name }) => ({ name, level: finalizedLevel(metadata.image, name) }))
      .filter(({ level }) => level > 0)
      .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  };
}
