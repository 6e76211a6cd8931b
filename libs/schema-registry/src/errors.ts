import { MillraceError } from '@millrace/foundation';

/** What Confluent's registry answers: clients match on `errorCode`, whose first three digits are the HTTP status. */
export class SchemaRegistryError extends MillraceError {
  override readonly name = 'SchemaRegistryError';
  /** `error_code` of the answer. */
  readonly errorCode: number;

  constructor(
    code: string,
    errorCode: number,
    message: string,
    more: { readonly hint?: string; readonly cause?: unknown; readonly isRetriable?: boolean } = {},
  ) {
    super({
      code: `schema_registry.${code}`,
      retry: more.isRetriable === true ? 'retriable' : 'fatal',
      message,
      ...(more.hint === undefined ? {} : { hint: more.hint }),
      ...(more.cause === undefined ? {} : { cause: more.cause }),
    });
    this.errorCode = errorCode;
  }

  get httpStatus(): number {
    return this.errorCode >= 10_000 ? Math.floor(this.errorCode / 100) : this.errorCode;
  }
}

/** No version of the subject, or none that is not deleted. */
export function subjectNotFound(subject: string): SchemaRegistryError {
  return new SchemaRegistryError('subject_not_found', 40401, `Subject '${subject}' not found.`);
}

/** The subject has no such version. */
export function versionNotFound(version: number): SchemaRegistryError {
  return new SchemaRegistryError('version_not_found', 40402, `Version ${version} not found.`);
}

/** No schema with this id or GUID, or the schema looked up is not under the subject. */
export function schemaNotFound(what?: number | string): SchemaRegistryError {
  const message = what === undefined ? 'Schema not found' : `Schema ${what} not found`;
  return new SchemaRegistryError('schema_not_found', 40403, message);
}

/** All versions of the subject are deleted softly already. */
export function subjectSoftDeleted(subject: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'subject_soft_deleted',
    40404,
    `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`,
  );
}

/** `permanent=true` deletes only what was deleted softly before. */
export function subjectNotSoftDeleted(subject: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'subject_not_soft_deleted',
    40405,
    `Subject '${subject}' was not deleted first before being permanently deleted`,
    { hint: 'delete it without permanent=true first' },
  );
}

/** The version is deleted softly already. */
export function versionSoftDeleted(subject: string, version: number): SchemaRegistryError {
  return new SchemaRegistryError(
    'version_soft_deleted',
    40406,
    `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
  );
}

/** `permanent=true` deletes only what was deleted softly before. */
export function versionNotSoftDeleted(subject: string, version: number): SchemaRegistryError {
  return new SchemaRegistryError(
    'version_not_soft_deleted',
    40407,
    `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    { hint: 'delete it without permanent=true first' },
  );
}

/** The subject follows the global level; `defaultToGlobal=true` asks for that. */
export function noSubjectConfig(subject: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'no_subject_config',
    40408,
    `Subject '${subject}' does not have subject-level compatibility configured`,
  );
}

/** The subject follows the global mode; `defaultToGlobal=true` asks for that. */
export function noSubjectMode(subject: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'no_subject_mode',
    40409,
    `Subject '${subject}' does not have subject-level mode configured`,
  );
}

/** The compatibility level of the subject forbids the schema; the details say why. */
export function incompatibleSchema(
  subject: string,
  details: readonly string[],
): SchemaRegistryError {
  return new SchemaRegistryError(
    'incompatible_schema',
    40901,
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details.join(', ')}]`,
    { hint: 'change the schema, or the subject’s level with PUT /config/{subject}' },
  );
}

/** Not a schema of its type, or a reference that leads nowhere. */
export function invalidSchema(message: string, cause?: unknown): SchemaRegistryError {
  return new SchemaRegistryError('invalid_schema', 42201, message, { cause });
}

/** Not a positive number and not `latest`. */
export function invalidVersion(version: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'invalid_version',
    42202,
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}

/** Not one of the seven compatibility levels. */
export function invalidCompatibilityLevel(): SchemaRegistryError {
  return new SchemaRegistryError(
    'invalid_compatibility_level',
    42203,
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
  );
}

/** Not one of the modes. */
export function invalidMode(
  message = 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT, and FORWARD',
): SchemaRegistryError {
  return new SchemaRegistryError('invalid_mode', 42204, message);
}

/** The mode of the subject, or `mode.mutability`, forbids it. */
export function operationNotPermitted(message: string): SchemaRegistryError {
  return new SchemaRegistryError('operation_not_permitted', 42205, message);
}

/** Another schema refers to this version. */
export function referenceExists(subject: string, version: number): SchemaRegistryError {
  return new SchemaRegistryError(
    'reference_exists',
    42206,
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  );
}

/** Control characters, or one of the reserved names. */
export function invalidSubject(subject: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'invalid_subject',
    42208,
    `The specified subject '${subject}' is not a valid.`,
  );
}

/** Beyond `schema.registry.schema.max.bytes`, or what the topic takes. */
export function schemaTooLarge(bytes: number, bytesMax: number): SchemaRegistryError {
  return new SchemaRegistryError(
    'schema_too_large',
    42209,
    'Register operation failed because schema is too large',
    {
      hint: `it has ${bytes} bytes of at most ${bytesMax}; split it by references, or raise schema.registry.schema.max.bytes`,
    },
  );
}

/** A rule without a name or type, or two of one name. */
export function invalidRuleSet(message: string): SchemaRegistryError {
  return new SchemaRegistryError('invalid_rule_set', 42210, message);
}

/** Only a context without subjects, deleted ones included, can be deleted. */
export function contextNotEmpty(context: string): SchemaRegistryError {
  return new SchemaRegistryError(
    'context_not_empty',
    42211,
    `The specified context '${context}' is not empty.`,
  );
}

/** The request is not what the endpoint takes. */
export function badRequest(message: string): SchemaRegistryError {
  return new SchemaRegistryError('bad_request', 400, message);
}

/** A field of the request has a value that can't be. */
export function unprocessable(message: string): SchemaRegistryError {
  return new SchemaRegistryError('unprocessable', 422, message);
}

/** The log refused the write; nothing was registered. */
export function storeFailed(message: string, cause: unknown): SchemaRegistryError {
  return new SchemaRegistryError('store_failed', 50001, message, { cause, isRetriable: true });
}

/** The log did not answer in `kafkastore.timeout.ms`; whether the write counts is seen by asking again. */
export function storeTimedOut(message: string, cause?: unknown): SchemaRegistryError {
  return new SchemaRegistryError('store_timed_out', 50002, message, { cause, isRetriable: true });
}
