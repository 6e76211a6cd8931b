import { connectorsSurface } from './connectors.ts';
import { errorsSurface } from './errors.ts';
import { offsetsSurface } from './offsets.ts';
import { pluginsSurface } from './plugins.ts';
import { integer, json, pathsOf, record, ref, text, type Schema, type Surface } from './surface.ts';
import { workerSurface } from './worker.ts';

/** Every part of the API; a new one is a file here and a line in this list. */
const SURFACES: readonly Surface[] = [
  connectorsSurface,
  offsetsSurface,
  pluginsSurface,
  errorsSurface,
  workerSurface,
];

/** What the statuses of refusals mean; each has Connect's body with our code and hint. */
const STATUSES: Readonly<Record<string, string>> = {
  400: 'The request is wrong.',
  403: 'Switched off, or not allowed.',
  404: 'There is no such thing.',
  409: 'Something else stands in the way; try again.',
  '': 'Any other refusal; 500 for a body that cannot be read.',
};

/** The API as an OpenAPI 3.1 document. */
export function openApiDocument(version: string): Schema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version,
      description:
        "Kafka Connect's REST API, and under /api what Millrace adds. Members that are not named here may be added to errors only.",
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
      responses: Object.fromEntries(
        Object.entries(STATUSES).map(([status, what]) => [
          `Error${status}`,
          json(what, ref('Error')),
        ]),
      ),
      schemas: {
        Error: record(
          { error_code: integer, message: text, code: text, hint: text },
          'code',
          'hint',
        ),
        ...Object.fromEntries(SURFACES.flatMap(({ schemas }) => Object.entries(schemas))),
      },
    },
  };
}
