import { inQuery, boolean, listOf, ref, text, type Surface } from '../../rest/openapi/surface.ts';
import {
  answer,
  deleted,
  format,
  guid,
  id,
  ofSubject,
  page,
  prefix,
  referenceFormat,
} from './parts.ts';

export const schemasSurface: Surface = {
  tag: 'schemas',
  description: 'Schemas by id and GUID, and all of them.',
  schemas: {},
  paths: {
    '/schemas': {
      get: {
        operationId: 'listSchemas',
        summary: 'All versions of all subjects.',
        parameters: [
          prefix,
          deleted,
          inQuery('latestOnly', 'Only the last version of each.', boolean),
          inQuery('aliases', 'With the aliases of the subject.', boolean),
          inQuery('ruleType', 'Only those with a rule of this type.'),
          ...page,
        ],
        responses: answer('The versions.', listOf(ref('SchemaVersion'))),
      },
    },
    '/schemas/types': {
      get: {
        operationId: 'listSchemaTypes',
        summary: 'What schemas can be written in.',
        responses: answer('The types.', listOf(text)),
      },
    },
    '/schemas/ids/{id}': {
      get: {
        operationId: 'getSchemaById',
        summary: 'A schema by its id.',
        parameters: [
          id,
          ofSubject,
          format,
          referenceFormat,
          inQuery('fetchMaxId', 'With the greatest id.', boolean),
        ],
        responses: answer('The schema.', ref('SchemaString')),
      },
    },
    '/schemas/ids/{id}/schema': {
      get: {
        operationId: 'getSchemaTextById',
        summary: 'The text of a schema alone.',
        parameters: [id, ofSubject, format],
        responses: answer('The text; of Protobuf it is no JSON.', {}),
      },
    },
    '/schemas/ids/{id}/subjects': {
      get: {
        operationId: 'getSubjectsById',
        summary: 'The subjects that have the schema.',
        parameters: [id, ofSubject, deleted, ...page],
        responses: answer('The subjects.', listOf(text)),
      },
    },
    '/schemas/ids/{id}/versions': {
      get: {
        operationId: 'getVersionsById',
        summary: 'The versions that have the schema.',
        parameters: [id, ofSubject, deleted, ...page],
        responses: answer('The versions.', listOf(ref('SubjectVersion'))),
      },
    },
    '/schemas/guids/{guid}': {
      get: {
        operationId: 'getSchemaByGuid',
        summary: 'A schema by its GUID.',
        parameters: [guid, format],
        responses: answer('The schema.', ref('SchemaString')),
      },
    },
    '/schemas/guids/{guid}/ids': {
      get: {
        operationId: 'getIdsByGuid',
        summary: 'The ids of a schema, one for each context.',
        parameters: [guid],
        responses: answer('The ids.', listOf(ref('ContextId'))),
      },
    },
  },
};
