import { apiVersionsHandler } from './handlers/api-versions.ts';
import { createTopicsHandler } from './handlers/create-topics.ts';
import { fetchHandler } from './handlers/fetch.ts';
import { listOffsetsHandler } from './handlers/list-offsets.ts';
import { metadataHandler } from './handlers/metadata.ts';
import { produceHandler } from './handlers/produce.ts';
import type { ServedApi } from './served-api.ts';

/** Every api that is served, by key: what ApiVersions says. */
export function servedApis(): readonly ServedApi[] {
  const served: ServedApi[] = [
    apiVersionsHandler(() => served),
    createTopicsHandler,
    fetchHandler,
    listOffsetsHandler,
    metadataHandler,
    produceHandler,
  ];
  return served.sort((a, b) => a.key - b.key);
}
