import { pathsOf, ref, type Schema, type Surface } from '../../rest/openapi/surface.ts';
import { contentOf, registrySchemas } from './parts.ts';
import { schemasSurface } from './schemas.ts';
import { settingsSurface } from './settings.ts';
import { subjectsSurface } from './subjects.ts';

const SURFACES: readonly Surface[] = [subjectsSurface, schemasSurface, settingsSurface];

/** The registry's API as an OpenAPI 3.1 document. */
export function registryDocument(version: string): Schema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace schema registry',
      version,
      description:
        "Confluent's Schema Registry API. Each path may have /contexts/{context} in front: then subjects are those of the context.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { basic: [] }, { bearer: [] }],
    tags: SURFACES.map(({ tag, description }) => ({ name: tag, description })),
    paths: Object.fromEntries(SURFACES.flatMap(pathsOf)),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      responses: {
        Error: {
          description:
            'A refusal, with the codes of Confluent: the status, and two digits that say what it is.',
          content: contentOf(ref('Error')),
        },
      },
      schemas: registrySchemas,
    },
  };
}
