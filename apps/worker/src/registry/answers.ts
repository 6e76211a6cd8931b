import type {
  RegisteredOutcome,
  SchemaVersion,
  SchemaContent,
  SubjectConfig,
} from '@millrace/schema-registry';

type Json = Readonly<Record<string, unknown>>;

/** A version as Confluent answers it; empty members are left out. */
export function schemaAnswer(schema: SchemaVersion): Json {
  return {
    subject: schema.subject,
    version: schema.version,
    id: schema.id,
    guid: schema.guid,
    ...contentAnswer(schema),
    ts: schema.timestampMs,
    deleted: schema.deleted,
  };
}

/** A schema by its id: subject and version only for who asked with a subject. */
export function schemaStringAnswer(schema: SchemaVersion, withSubject: boolean): Json {
  const { subject, version, guid, timestampMs, deleted } = schema;
  return {
    ...(withSubject ? { subject, version } : {}),
    guid,
    ...contentAnswer(schema),
    ts: timestampMs,
    deleted,
  };
}

export function registeredAnswer(schema: RegisteredOutcome): Json {
  return { id: schema.id, version: schema.version, guid: schema.guid, ...contentAnswer(schema) };
}

function contentAnswer(content: SchemaContent): Json {
  const { schemaType, references, metadata, ruleSet, schema } = content;
  return {
    schemaType,
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(ruleSet === undefined ? {} : { ruleSet }),
    schema,
  };
}

export function configAnswer(config: SubjectConfig): Json {
  return { ...config };
}

/** PUT answers by the names of its request. */
export function configUpdateAnswer(config: SubjectConfig): Json {
  const { compatibilityLevel, ...others } = config;
  return compatibilityLevel === undefined
    ? others
    : { ...others, compatibility: compatibilityLevel };
}
