import { COMPATIBILITY_LEVELS, MODES } from '@millrace/schema-registry';
import {
  anyObject,
  boolean,
  inPath,
  inQuery,
  integer,
  listOf,
  oneOf,
  record,
  ref,
  text,
  type Schema,
} from '../../rest/openapi/surface.ts';

/** As Confluent's clients ask for it; plain JSON is the same. */
const MEDIA_TYPES = ['application/vnd.schemaregistry.v1+json', 'application/json'];

/** In every media type that the registry answers in. */
export function answer(description: string, schema: Schema): Readonly<Record<string, Schema>> {
  return {
    200: { description, content: contentOf(schema) },
    default: { $ref: '#/components/responses/Error' },
  };
}

export function given(schema: Schema): Schema {
  return { required: true, content: contentOf(schema) };
}

export function contentOf(schema: Schema): Schema {
  return Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema }]));
}

export const subject = inPath(
  'subject',
  'The name of the subject, percent-encoded; `:.context:subject` within a context.',
);
export const version = inPath(
  'version',
  'The number of the version; `latest` and -1 are the last.',
);
export const id = inPath('id', 'The id of the schema.', integer);
export const guid = inPath('guid', 'The GUID of the schema.');

export const ofSubject = inQuery('subject', 'As this subject has it.');
export const prefix = inQuery('subjectPrefix', 'Only subjects that begin so.');
export const deleted = inQuery(
  'deleted',
  'Those that were deleted, but not for good, too.',
  boolean,
);
export const deletedOnly = inQuery('deletedOnly', 'Only those that were deleted.', boolean);
export const permanent = inQuery('permanent', 'For good; has to be deleted before.', boolean);
export const format = inQuery('format', 'The form of the text, as `resolved` for Avro.');
export const referenceFormat = inQuery(
  'referenceFormat',
  '`qualified`: references with their context.',
);
export const normalize = inQuery('normalize', 'Compares what the schema means.', boolean);
export const defaultToGlobal = inQuery(
  'defaultToGlobal',
  'What holds, if nothing is set.',
  boolean,
);
export const page: readonly Schema[] = [
  inQuery('offset', 'How many to leave out.', integer),
  inQuery('limit', 'How many at most.', integer),
];

const content: Readonly<Record<string, Schema>> = {
  guid: text,
  schemaType: text,
  references: listOf(ref('SchemaReference')),
  metadata: ref('Metadata'),
  ruleSet: ref('RuleSet'),
  schema: text,
};
const optional = ['references', 'metadata', 'ruleSet'];

/** All optional: what is not set comes from the next one up. */
const settings: Readonly<Record<string, Schema>> = {
  alias: text,
  aliasForDeks: text,
  normalize: boolean,
  validateFields: boolean,
  validateNewSchemas: boolean,
  validateRules: boolean,
  compatibilityPolicy: text,
  compatibilityGroup: text,
  defaultMetadata: ref('Metadata'),
  overrideMetadata: ref('Metadata'),
  defaultRuleSet: ref('RuleSet'),
  overrideRuleSet: ref('RuleSet'),
};
const level = oneOf(...COMPATIBILITY_LEVELS);

export const registrySchemas: Readonly<Record<string, Schema>> = {
  Error: record({ error_code: integer, message: text, hint: text }, 'hint'),
  SchemaReference: record({ name: text, subject: text, version: integer }),
  Metadata: anyObject,
  RuleSet: anyObject,
  SchemaRequest: {
    type: 'object',
    properties: {
      schema: text,
      schemaType: text,
      references: listOf(ref('SchemaReference')),
      metadata: ref('Metadata'),
      ruleSet: ref('RuleSet'),
      id: { ...integer, description: 'In mode IMPORT.' },
      version: { ...integer, description: 'In mode IMPORT.' },
    },
  },
  SchemaVersion: record(
    {
      subject: text,
      version: integer,
      id: integer,
      ...content,
      ts: integer,
      deleted: boolean,
      aliases: listOf(text),
    },
    ...optional,
    'ts',
    'deleted',
    'aliases',
  ),
  SchemaString: record(
    {
      subject: text,
      version: integer,
      ...content,
      ts: integer,
      deleted: boolean,
      maxId: integer,
    },
    ...optional,
    'subject',
    'version',
    'ts',
    'deleted',
    'maxId',
  ),
  Registered: record({ id: integer, version: integer, ...content }, ...optional),
  SubjectVersion: record({ subject: text, version: integer }),
  ContextId: record({ context: text, id: integer }),
  Compatibility: record({ is_compatible: boolean, messages: listOf(text) }, 'messages'),
  Config: record(
    { compatibilityLevel: level, ...settings },
    'compatibilityLevel',
    ...Object.keys(settings),
  ),
  ConfigUpdate: {
    ...record({ compatibility: level, ...settings }, 'compatibility', ...Object.keys(settings)),
    description: 'In a request, null takes away what is set.',
  },
  ConfigRequest: { ...anyObject, description: 'Members of ConfigUpdate; null takes one away.' },
  Mode: record({ mode: { enum: [...MODES, null] } }, 'mode'),
};
