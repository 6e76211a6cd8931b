import {
  boolean,
  inQuery,
  integer,
  listOf,
  ref,
  text,
  type Surface,
} from '../../rest/openapi/surface.ts';
import {
  answer,
  deleted,
  deletedOnly,
  format,
  given,
  normalize,
  page,
  permanent,
  prefix,
  referenceFormat,
  subject,
  version,
} from './parts.ts';

const verbose = inQuery('verbose', 'With what is wrong.', boolean);

export const subjectsSurface: Surface = {
  tag: 'subjects',
  description: 'Subjects and their versions, and whether a schema fits.',
  schemas: {},
  paths: {
    '/subjects': {
      get: {
        operationId: 'listSubjects',
        summary: 'The names of all subjects.',
        parameters: [prefix, deleted, deletedOnly, ...page],
        responses: answer('The names.', listOf(text)),
      },
    },
    '/subjects/{subject}': {
      post: {
        operationId: 'lookUpSchema',
        summary: 'The version that has this schema.',
        parameters: [subject, normalize, deleted, format],
        requestBody: given(ref('SchemaRequest')),
        responses: answer('The version.', ref('SchemaVersion')),
      },
      delete: {
        operationId: 'deleteSubject',
        summary: 'Deletes all versions.',
        parameters: [subject, permanent],
        responses: answer('The versions that were deleted.', listOf(integer)),
      },
    },
    '/subjects/{subject}/metadata': {
      get: {
        operationId: 'getLatestWithMetadata',
        summary: 'The last version with these properties.',
        parameters: [
          subject,
          inQuery('key', 'Of a property; one each.', listOf(text)),
          inQuery('value', 'Of the property with the same place.', listOf(text)),
          deleted,
        ],
        responses: answer('The version.', ref('SchemaVersion')),
      },
    },
    '/subjects/{subject}/versions': {
      get: {
        operationId: 'listVersions',
        summary: 'The numbers of all versions.',
        parameters: [
          subject,
          deleted,
          deletedOnly,
          inQuery('deletedAsNegative', 'Deleted ones below zero.', boolean),
          ...page,
        ],
        responses: answer('The numbers.', listOf(integer)),
      },
      post: {
        operationId: 'registerSchema',
        summary: 'Registers a schema; one that is there already keeps its id.',
        parameters: [subject, normalize, inQuery('force', 'Without the check.', boolean)],
        requestBody: given(ref('SchemaRequest')),
        responses: answer('What is registered.', ref('Registered')),
      },
    },
    '/subjects/{subject}/versions/{version}': {
      get: {
        operationId: 'getVersion',
        summary: 'A version.',
        parameters: [subject, version, deleted, format, referenceFormat],
        responses: answer('The version.', ref('SchemaVersion')),
      },
      delete: {
        operationId: 'deleteVersion',
        summary: 'Deletes a version.',
        parameters: [subject, version, permanent],
        responses: answer('Its number.', integer),
      },
    },
    '/subjects/{subject}/versions/{version}/schema': {
      get: {
        operationId: 'getVersionText',
        summary: 'The text of a version alone.',
        parameters: [subject, version, deleted, format],
        responses: answer('The text; of Protobuf it is no JSON.', {}),
      },
    },
    '/subjects/{subject}/versions/{version}/referencedby': {
      get: {
        operationId: 'getReferencedBy',
        summary: 'The ids of the schemas that refer to a version.',
        parameters: [subject, version, deleted, ...page],
        responses: answer('The ids.', listOf(integer)),
      },
    },
    '/compatibility/subjects/{subject}/versions': {
      post: {
        operationId: 'checkCompatibility',
        summary: 'Whether a schema could be registered.',
        parameters: [subject, normalize, verbose],
        requestBody: given(ref('SchemaRequest')),
        responses: answer('Whether it could.', ref('Compatibility')),
      },
    },
    '/compatibility/subjects/{subject}/versions/{version}': {
      post: {
        operationId: 'checkCompatibilityWithVersion',
        summary: 'Whether a schema fits one version.',
        parameters: [subject, version, normalize, verbose],
        requestBody: given(ref('SchemaRequest')),
        responses: answer('Whether it does.', ref('Compatibility')),
      },
    },
  },
};
