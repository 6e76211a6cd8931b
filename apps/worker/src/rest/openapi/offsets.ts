import {
  body,
  connectorName,
  empty,
  errors,
  json,
  listOf,
  mapOf,
  record,
  ref,
  text,
  type Surface,
} from './surface.ts';

const parameters = [connectorName];

/** Offsets and topics of a connector: Kafka Connect's. */
export const offsetsSurface: Surface = {
  tag: 'offsets',
  description: 'What a connector has done so far: offsets (KIP-875) and topics (KIP-558).',
  paths: {
    '/connectors/{name}/offsets': {
      get: {
        operationId: 'getOffsets',
        summary: 'The stored offsets of a source, or those of the group of a sink.',
        parameters,
        responses: { 200: json('The offsets.', ref('ConnectorOffsets')), ...errors(404) },
      },
      patch: {
        operationId: 'alterOffsets',
        summary: 'Sets, or with null forgets, some offsets of a connector that is stopped.',
        parameters,
        requestBody: body(ref('ConnectorOffsets')),
        responses: { 200: json('Altered.', ref('Message')), ...errors(400, 404) },
      },
      delete: {
        operationId: 'resetOffsets',
        summary: 'Forgets all offsets of a connector that is stopped.',
        parameters,
        responses: { 200: json('Reset.', ref('Message')), ...errors(400, 404) },
      },
    },
    '/connectors/{name}/topics': {
      get: {
        operationId: 'getTopics',
        summary: 'The topics that the connector has used since it was made or they were reset.',
        parameters,
        responses: {
          200: json('By the name of the connector.', mapOf(record({ topics: listOf(text) }))),
          ...errors(403),
        },
      },
    },
    '/connectors/{name}/topics/reset': {
      put: {
        operationId: 'resetTopics',
        summary: 'Forgets the topics that were used.',
        parameters,
        responses: { 202: empty('Forgotten.'), ...errors(403) },
      },
    },
  },
  schemas: {
    ConnectorOffsets: record({ offsets: listOf(ref('ConnectorOffset')) }),
    ConnectorOffset: record(
      {
        partition: { type: 'object', additionalProperties: true },
        offset: { type: ['object', 'null'], additionalProperties: true },
      },
      'offset',
    ),
    Message: record({ message: text }),
  },
};
