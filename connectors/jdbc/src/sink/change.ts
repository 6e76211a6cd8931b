import type { Schema, SinkRecord, Struct, StructSchema } from '@millrace/record';
import { keyMissing, recordNotARow, tableNameInvalid } from '../errors.ts';
import { KAFKA_KEY_COLUMNS, type Settings } from './settings.ts';

/** Some fields with, where known, their schemas. */
export interface Part {
  readonly schema: StructSchema | null;
  readonly fields: Struct;
}

export type Change =
  | {
      readonly kind: 'write';
      readonly table: string;
      readonly key: Part | null;
      readonly row: Part;
      /** Columns whose values the source could not tell (unchanged TOAST), and that must stay as they are. */
      readonly unavailable: ReadonlySet<string> | null;
      /** JSON of a change event: a source's encodings must be told, not guessed. */
      readonly isEnvelope: boolean;
    }
  | {
      readonly kind: 'delete';
      readonly table: string;
      readonly key: Part;
      readonly isEnvelope: boolean;
    }
  | { readonly kind: 'truncate'; readonly table: string }
  | {
      readonly kind: 'skip';
      readonly reason: 'delete-disabled' | 'truncate-disabled' | 'message' | 'tombstone';
    };

/** Header that our sources set: comma separated names of columns whose value is not known. */
export const UNAVAILABLE_HEADER = '__millrace.unavailable.columns';
/** What Debezium's sources write in the place of such a value, unless told otherwise. */
export const UNAVAILABLE_PLACEHOLDER = '__debezium_unavailable_value';

const EMPTY: Part = { schema: null, fields: {} };

/**
 * What a record asks of the target: both Debezium's envelope and flat rows, with and without schemas.
 * @throws TargetError of scope `record`
 */
export function changeOf(record: SinkRecord, settings: Settings): Change {
  const { value } = record;
  if (value === null || value === undefined) return deleteOf(record, null, settings);
  if (!isStruct(value))
    throw recordNotARow(
      `the value is ${describe(value)}, not a row`,
      'the sink needs structs or JSON objects: set value.converter to org.apache.kafka.connect.json.JsonConverter',
    );
  const schema = record.valueSchema?.type === 'struct' ? record.valueSchema : null;
  return isEnvelope(schema, value)
    ? envelopeChange(record, schema, value, settings)
    : rowChange(record, { schema, fields: value }, null, settings);
}

function isEnvelope(schema: StructSchema | null, value: Struct): boolean {
  if (schema?.name !== undefined && schema.name.endsWith('.Envelope')) return true;
  return (
    typeof value['op'] === 'string' &&
    isStruct(value['source']) &&
    ('after' in value || 'before' in value || value['op'] === 't' || value['op'] === 'm')
  );
}

function envelopeChange(
  record: SinkRecord,
  schema: StructSchema | null,
  value: Struct,
  settings: Settings,
): Change {
  const source = isStruct(value['source']) ? value['source'] : null;
  switch (value['op']) {
    case 'd':
      return deleteOf(record, source, settings);
    case 't':
      return settings.truncates
        ? { kind: 'truncate', table: tableOf(record, source, settings) }
        : { kind: 'skip', reason: 'truncate-disabled' };
    case 'm':
      return { kind: 'skip', reason: 'message' };
    default: {
      const after = value['after'];
      if (!isStruct(after))
        throw recordNotARow(
          `a change event of op "${String(value['op'])}" has no "after"`,
          'the event is not one of Debezium; a flat row must not have the fields op, source and after',
        );
      return rowChange(
        record,
        { schema: fieldSchema(schema, 'after'), fields: after },
        source,
        settings,
      );
    }
  }
}

function rowChange(
  record: SinkRecord,
  row: Part,
  source: Struct | null,
  settings: Settings,
): Change {
  return {
    kind: 'write',
    table: tableOf(record, source, settings),
    key: keyOf(record, row, settings),
    row,
    unavailable: unavailableOf(record, row.fields),
    isEnvelope: source !== null,
  };
}

function deleteOf(record: SinkRecord, source: Struct | null, settings: Settings): Change {
  if (!settings.deletes) {
    // Confluent's sink refuses a null value then; Debezium's leaves it out. A delete event is nothing Confluent knows.
    if (settings.flavour === 'debezium' || source !== null)
      return { kind: 'skip', reason: source === null ? 'tombstone' : 'delete-disabled' };
    throw recordNotARow(
      'the value is null, and deletes are not enabled',
      `set delete.enabled=true and ${settings.keys.keyMode}=record_key, or drop tombstones by a transform`,
    );
  }
  // A tombstone tells no source block; with a name made of it, the delete event before has done the work already.
  if (source === null && settings.tableFormat.includes('${source.'))
    return { kind: 'skip', reason: 'tombstone' };
  const key = keyOf(record, EMPTY, settings);
  if (key === null)
    throw keyMissing('a delete needs a key', `set ${settings.keys.keyMode}=record_key`);
  return {
    kind: 'delete',
    table: tableOf(record, source, settings),
    key,
    isEnvelope: source !== null,
  };
}

function keyOf(record: SinkRecord, row: Part, settings: Settings): Part | null {
  const { keyFields, keys } = settings;
  switch (settings.keyMode) {
    case 'none':
      return null;
    case 'kafka': {
      const names = keyFields.length === 3 ? keyFields : KAFKA_KEY_COLUMNS;
      const coordinates = [record.originalTopic, record.originalPartition, record.originalOffset];
      return {
        schema: null,
        fields: Object.fromEntries(names.map((name, index) => [name, coordinates[index]])),
      };
    }
    case 'record_key': {
      const { key } = record;
      if (key === null || key === undefined)
        throw keyMissing(
          'the record has no key',
          `give the source table a primary key, or set ${keys.keyMode}=record_value and ${keys.keyFields}`,
        );
      if (isStruct(key))
        return pick(
          { schema: record.keySchema?.type === 'struct' ? record.keySchema : null, fields: key },
          keyFields,
          keys.keyFields,
          'key',
        );
      const [name] = keyFields;
      if (name === undefined || keyFields.length > 1)
        throw keyMissing(
          `the record key is ${describe(key)}, so exactly one column must be named for it`,
          `set ${keys.keyFields} to the name of the key column`,
        );
      return { schema: singleField(name, record.keySchema), fields: { [name]: key } };
    }
    case 'record_value':
      return pick(row, keyFields, keys.keyFields, 'value');
    case 'record_header': {
      const fields = Object.fromEntries(record.headers.map((header) => [header.key, header.value]));
      return pick({ schema: null, fields }, keyFields, keys.keyFields, 'headers');
    }
  }
}

function pick(part: Part, names: readonly string[], setting: string, place: string): Part {
  if (names.length === 0) return part;
  const missing = names.filter(
    (name) => part.fields[name] === undefined || part.fields[name] === null,
  );
  if (missing.length > 0)
    throw keyMissing(
      `the record's ${place} has no ${missing.map((name) => `"${name}"`).join(', ')}`,
      `${setting} must name fields that each record's ${place} has`,
    );
  return names.length === Object.keys(part.fields).length
    ? part
    : {
        schema: part.schema && narrowed(part.schema, names),
        fields: Object.fromEntries(names.map((name) => [name, part.fields[name]])),
      };
}

const narrowedSchemas = new WeakMap<StructSchema, StructSchema>();

/** One narrowed schema for each schema, so that plans kept by identity are found again. */
function narrowed(schema: StructSchema, names: readonly string[]): StructSchema {
  const known = narrowedSchemas.get(schema);
  if (known?.fields.length === names.length) return known;
  const made = { ...schema, fields: schema.fields.filter((field) => names.includes(field.name)) };
  narrowedSchemas.set(schema, made);
  return made;
}

const singleFields = new WeakMap<Schema, StructSchema>();

function singleField(name: string, schema: Schema | null): StructSchema | null {
  if (schema === null) return null;
  const known = singleFields.get(schema);
  if (known?.fields[0]?.name === name) return known;
  const made: StructSchema = { type: 'struct', optional: false, fields: [{ name, schema }] };
  singleFields.set(schema, made);
  return made;
}

/** The name by the format; `${source.…}` needs a change event. */
function tableOf(record: SinkRecord, source: Struct | null, settings: Settings): string {
  const { tableFormat, flavour } = settings;
  const topic = flavour === 'debezium' ? underscored(record.topic) : record.topic;
  if (tableFormat === '${topic}') return topic;
  let name = '';
  for (const part of formatParts(tableFormat)) {
    if (part.kind === 'text') name += part.text;
    else if (part.kind === 'topic') name += topic;
    else {
      const value = source?.[part.text];
      if (typeof value !== 'string' || value === '')
        throw tableNameInvalid(
          `the record has no source.${part.text}, which ${settings.keys.tableFormat}=${tableFormat} needs`,
          `use \${topic}, and a RegexRouter transform if needed, for records without a source block`,
        );
      name += value;
    }
  }
  return name;
}

let lastTopic = '';
let lastUnderscored = '';

/** Remembers the last topic: most records are of the one before. */
function underscored(topic: string): string {
  if (topic !== lastTopic) {
    lastTopic = topic;
    lastUnderscored = topic.replaceAll('.', '_');
  }
  return lastUnderscored;
}

interface FormatPart {
  readonly kind: 'text' | 'topic' | 'source';
  readonly text: string;
}

let parsedFormat = '';
let parsedParts: readonly FormatPart[] = [];

/** Remembers the last format: a task has one. */
function formatParts(format: string): readonly FormatPart[] {
  if (format === parsedFormat) return parsedParts;
  const parts = format.split(/(\$\{(?:topic|source\.[^}]+)\})/).filter((text) => text !== '');
  parsedParts = parts.map((text): FormatPart => {
    if (text === '${topic}') return { kind: 'topic', text };
    if (text.startsWith('${source.')) return { kind: 'source', text: text.slice(9, -1) };
    return { kind: 'text', text };
  });
  parsedFormat = format;
  return parsedParts;
}

function unavailableOf(record: SinkRecord, row: Struct): ReadonlySet<string> | null {
  for (const header of record.headers) {
    if (header.key !== UNAVAILABLE_HEADER) continue;
    const names = String(header.value)
      .split(',')
      .filter((name) => name !== '');
    return names.length === 0 ? null : new Set(names);
  }
  let found: Set<string> | null = null;
  for (const name in row) {
    if (isPlaceholder(row[name])) (found ??= new Set()).add(name);
  }
  return found;
}

const PLACEHOLDER_BYTES = Buffer.from(UNAVAILABLE_PLACEHOLDER);
const PLACEHOLDER_BASE64 = PLACEHOLDER_BYTES.toString('base64');

function isPlaceholder(value: unknown): boolean {
  if (typeof value === 'string')
    return value === UNAVAILABLE_PLACEHOLDER || value === PLACEHOLDER_BASE64;
  if (value instanceof Uint8Array) return PLACEHOLDER_BYTES.equals(value);
  return Array.isArray(value) && value.length === 1 && isPlaceholder(value[0]);
}

function fieldSchema(schema: StructSchema | null, name: string): StructSchema | null {
  const found = schema?.fields.find((field) => field.name === name)?.schema;
  return found?.type === 'struct' ? found : null;
}

export function isStruct(value: unknown): value is Struct {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'a map';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
