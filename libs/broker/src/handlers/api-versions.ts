import { apis, ErrorCode, type ApiVersionsResponseInput } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** Kafka's rule for names and versions of client software. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export function apiVersionsHandler(served: () => readonly ServedApi[]): ServedApi {
  return serve(apis.apiVersions, (request, { version }) => {
    const { clientSoftwareName: name, clientSoftwareVersion: software } = request;
    const isNamed = version < 3 || (SOFTWARE.test(name) && SOFTWARE.test(software));
    return isNamed
      ? apiVersionsResponse(served(), ErrorCode.NONE)
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
    supportedFeatures: [],
    finalizedFeatures: [],
  };
}
