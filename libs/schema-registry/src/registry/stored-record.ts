import { findCompatibilityLevel } from '../compatibility.ts';
import type { SchemaReference } from '../parsed-schema.ts';
import { MODES, type Mode, type SchemaContent, type SubjectConfig } from './entities.ts';
import { readMetadata, readReferences, readRuleSet } from './read-fields.ts';

/** A schema as its record has it. */
export interface StoredSchema extends SchemaContent {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Base64; only beside encrypted metadata. */
  readonly md5?: string | undefined;
  readonly deleted: boolean;
}

/** What `_schemas` tells, as Confluent's registry writes and reads it; null is a tombstone. */
export type StoredRecord =
  | {
      readonly keytype: 'SCHEMA';
      readonly subject: string;
      readonly version: number;
      readonly value: StoredSchema | null;
    }
  | {
      readonly keytype: 'CONFIG';
      readonly subject: string | null;
      readonly value: SubjectConfig | null;
    }
  | { readonly keytype: 'MODE'; readonly subject: string | null; readonly value: Mode | null }
  | { readonly keytype: 'CONTEXT'; readonly context: string; readonly isPresent: boolean }
  | {
      readonly keytype: 'DELETE_SUBJECT';
      readonly subject: string;
      readonly version: number | null;
    }
  | { readonly keytype: 'CLEAR_SUBJECT'; readonly subject: string; readonly isPresent: boolean }
  | { readonly keytype: 'NOOP' };

const TENANT = 'default';

/** Key and value as JSON, member by member in Confluent's order: the bytes of the key are its identity for compaction. */
export function encodeRecord(record: StoredRecord): {
  readonly key: string;
  readonly value: string | null;
} {
  const json = (value: unknown): string => JSON.stringify(value);
  const { keytype } = record;
  switch (keytype) {
    case 'SCHEMA': {
      const { subject, version, value } = record;
      const key = json({ keytype, subject, version, magic: 1 });
      return { key, value: value === null ? null : json(schemaMembers(value)) };
    }
    case 'CONFIG':
      return {
        key: json({ keytype, ...subjectMember(record.subject), magic: 0 }),
        value:
          record.value === null
            ? null
            : json({ ...subjectMember(record.subject), ...record.value }),
      };
    case 'MODE':
      return {
        key: json({ keytype, ...subjectMember(record.subject), magic: 0 }),
        value:
          record.value === null
            ? null
            : json({ ...subjectMember(record.subject), mode: record.value }),
      };
    case 'CONTEXT':
      return {
        key: json({ keytype, tenant: TENANT, context: record.context, magic: 0 }),
        value: record.isPresent ? json({ tenant: TENANT, context: record.context }) : null,
      };
    case 'DELETE_SUBJECT': {
      const { subject, version } = record;
      const key = json({ keytype, subject, magic: 0 });
      return { key, value: version === null ? null : json({ subject, version }) };
    }
    case 'CLEAR_SUBJECT': {
      const { subject } = record;
      const key = json({ keytype, subject, magic: 0 });
      return { key, value: record.isPresent ? json({ subject }) : null };
    }
    case 'NOOP':
      return { key: json({ keytype, magic: 0 }), value: null };
  }
}

function subjectMember(subject: string | null): { readonly subject?: string } {
  return subject === null ? {} : { subject };
}

/** Empty members are left out, and the type where it is Avro: older registries know no other. */
function schemaMembers(schema: StoredSchema): Readonly<Record<string, unknown>> {
  return {
    subject: schema.subject,
    version: schema.version,
    id: schema.id,
    md5: schema.md5,
    schemaType: schema.schemaType === 'AVRO' ? undefined : schema.schemaType,
    references: schema.references.length === 0 ? undefined : schema.references,
    metadata: schema.metadata,
    ruleSet: schema.ruleSet,
    schema: schema.schema,
    deleted: schema.deleted,
  };
}

/**
 * @returns undefined for records that are not of a registry, or of a newer one (`ASSOC`): they stay in the topic and
 * mean nothing here
 */
export function decodeRecord(key: string, value: string | null): StoredRecord | undefined {
  const fields = objectOf(key);
  const content = value === null ? null : objectOf(value);
  if (fields === undefined || content === undefined) return undefined;
  const { keytype, context } = fields;
  const subject = typeof fields['subject'] === 'string' ? fields['subject'] : undefined;
  switch (keytype) {
    case 'SCHEMA':
      return subject === undefined ? undefined : decodeSchema(subject, fields, content);
    case 'CONFIG':
      return { keytype, subject: subject ?? null, value: content && readConfig(content) };
    case 'MODE': {
      const mode = MODES.find((known) => known === content?.['mode']);
      if (content !== null && mode === undefined) return undefined;
      return { keytype, subject: subject ?? null, value: mode ?? null };
    }
    case 'CONTEXT':
      return typeof context === 'string'
        ? { keytype, context, isPresent: content !== null }
        : undefined;
    case 'DELETE_SUBJECT': {
      const version = content === null ? null : content['version'];
      if (subject === undefined || (version !== null && typeof version !== 'number'))
        return undefined;
      return { keytype, subject, version };
    }
    case 'CLEAR_SUBJECT':
      return subject === undefined ? undefined : { keytype, subject, isPresent: content !== null };
    case 'NOOP':
      return { keytype };
    default:
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function decodeSchema(
  subject: string,
  key: Fields,
  content: Fields | null,
): StoredRecord | undefined {
  const version = key['version'];
  if (typeof version !== 'number') return undefined;
  if (content === null) return { keytype: 'SCHEMA', subject, version, value: null };
  const { id, schema, schemaType, md5 } = content;
  if (typeof id !== 'number' || typeof schema !== 'string') return undefined;
  const references: readonly SchemaReference[] = readReferences(content['references']) ?? [];
  const value: StoredSchema = {
    subject,
    version,
    id,
    md5: typeof md5 === 'string' ? md5 : undefined,
    schemaType: typeof schemaType === 'string' ? schemaType : 'AVRO',
    references,
    metadata: readMetadata(content['metadata']),
    ruleSet: readRuleSet(content['ruleSet']),
    schema,
    deleted: content['deleted'] === true,
  };
  return { keytype: 'SCHEMA', subject, version, value };
}

function readConfig(content: Fields): SubjectConfig {
  const level = content['compatibilityLevel'];
  const known = typeof level === 'string' ? findCompatibilityLevel(level) : undefined;
  return {
    ...textMember(content, 'alias'),
    ...textMember(content, 'aliasForDeks'),
    ...flagMember(content, 'normalize'),
    ...flagMember(content, 'validateFields'),
    ...flagMember(content, 'validateNewSchemas'),
    ...flagMember(content, 'validateRules'),
    ...(known === undefined ? {} : { compatibilityLevel: known }),
    ...textMember(content, 'compatibilityPolicy'),
    ...textMember(content, 'compatibilityGroup'),
    ...member('defaultMetadata', readMetadata(content['defaultMetadata'])),
    ...member('overrideMetadata', readMetadata(content['overrideMetadata'])),
    ...member('defaultRuleSet', readRuleSet(content['defaultRuleSet'])),
    ...member('overrideRuleSet', readRuleSet(content['overrideRuleSet'])),
  };
}

function textMember(content: Fields, name: string): Readonly<Record<string, string>> {
  const value = content[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

function flagMember(content: Fields, name: string): Readonly<Record<string, boolean>> {
  const value = content[name];
  return typeof value === 'boolean' ? { [name]: value } : {};
}

function member<T>(name: string, value: T | undefined): Readonly<Record<string, T>> {
  return value === undefined ? {} : { [name]: value };
}

function objectOf(text: string): Fields | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isFields(json) ? json : undefined;
  } catch {
    return undefined; // not JSON: not a record of a registry
  }
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
