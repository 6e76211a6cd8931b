import { defineFields, oneOf } from '@millrace/config';
import { schemas, type ConnectRecord, type Struct, type StructSchema } from '@millrace/record';
import {
  addedHeaders,
  addedSchema,
  addedValue,
  fieldOf,
  isStruct,
  parseAddedFields,
  type AddedField,
} from './added-fields.ts';
import { fieldDropper } from './drop-fields.ts';
import { replaceNullField, transform } from '../plugin.ts';
import { fieldValue, perSchema, withFields, withSubject } from '../subject.ts';

const MODES = [
  'tombstone',
  'drop',
  'rewrite',
  'rewrite-with-tombstone',
  'delete-to-tombstone',
] as const;
const DELETED = '__deleted';

const fields = defineFields({
  'delete.tombstone.handling.mode': {
    type: 'STRING',
    default: 'tombstone',
    importance: 'MEDIUM',
    recommended: MODES,
    doc: 'What becomes of deletes and their tombstones.',
    validate: oneOf(...MODES),
  },
  'route.by.field': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    doc: 'The column whose value becomes the topic.',
  },
  'add.fields': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    doc: 'Fields of the envelope, its source or transaction block to add to the value: op, source.lsn, table:alias.',
  },
  'add.fields.prefix': {
    type: 'STRING',
    default: '__',
    importance: 'LOW',
    doc: 'Prefix of added fields.',
  },
  'add.headers': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    doc: 'Fields of the envelope, its source or transaction block to add as headers.',
  },
  'add.headers.prefix': {
    type: 'STRING',
    default: '__',
    importance: 'LOW',
    doc: 'Prefix of added headers.',
  },
  'replace.null.with.default': replaceNullField,
  'drop.fields.header.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'A header with the names of fields that are left out of the value.',
  },
  'drop.fields.from.key': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Whether they are left out of the key too.',
  },
  'drop.fields.keep.schema.compatible': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'true: only optional fields are left out, so that records with and without them are compatible.',
  },
});

interface RowSettings {
  readonly added: readonly AddedField[];
  readonly addsDeleted: boolean;
  readonly hasDefaults: boolean;
}

/** A change event becomes the row after the change. Records without Debezium's envelope pass unchanged. */
export const extractNewRecordState = transform(
  'extract-new-record-state',
  'io.debezium.transforms.ExtractNewRecordState',
  fields,
  (settings) => {
    const mode = settings['delete.tombstone.handling.mode'];
    const headers = parseAddedFields(settings['add.headers'], settings['add.headers.prefix']);
    const row: RowSettings = {
      added: parseAddedFields(settings['add.fields'], settings['add.fields.prefix']),
      addsDeleted: mode === 'rewrite' || mode === 'rewrite-with-tombstone',
      hasDefaults: settings['replace.null.with.default'],
    };
    const schemaOf = perSchema((envelope: StructSchema) => rowSchema(envelope, row));
    const route = settings['route.by.field'];
    const none: ReadonlySet<string> = new Set();
    const addedNames = new Set(row.added.map(({ name }) => name));
    const drop = fieldDropper({
      headerName: settings['drop.fields.header.name'] ?? '',
      isFromKey: settings['drop.fields.from.key'],
      isCompatible: settings['drop.fields.keep.schema.compatible'],
    });

    const withHeaders = <R extends ConnectRecord>(
      record: R,
      schema: StructSchema,
      envelope: Struct,
    ): R =>
      headers.length === 0
        ? record
        : { ...record, headers: [...record.headers, ...addedHeaders(schema, envelope, headers)] };

    const tombstone = <R extends ConnectRecord>(record: R): R | null => {
      if (mode !== 'rewrite-with-tombstone') return null;
      const op = headers.find(({ block, field }) => block === null && field === 'op');
      if (op === undefined) return record;
      const header = { key: op.name, schema: schemas.string(), value: 'd' };
      return { ...record, headers: [...record.headers, header] };
    };

    return {
      apply: (record) => {
        if (record.value === null || record.value === undefined) return tombstone(record);
        const schema = record.valueSchema;
        const envelope = record.value;
        if (
          schema?.type !== 'struct' ||
          schema.name?.endsWith('.Envelope') !== true ||
          !isStruct(envelope)
        )
          return record;
        if (envelope['op'] === 't') return null;
        const isDelete = !isStruct(envelope['after']);
        if (isDelete && mode === 'drop') return null;
        const image = isDelete ? envelope['before'] : envelope['after'];
        const routed = routeBy(route, withHeaders(record, schema, envelope), image);
        if (isDelete && !row.addsDeleted) {
          // As Debezium: only delete-to-tombstone leaves neither schema nor value, which is a tombstone in the log.
          const left = mode === 'tombstone' ? (fieldOf(schema, 'after') ?? null) : null;
          return drop(withSubject(routed, 'Value', { schema: left, value: null }), none);
        }
        if (!isStruct(image)) return null;
        const value = rowValue(schema, envelope, image, isDelete, row);
        const whole = withSubject(routed, 'Value', { schema: schemaOf(schema) ?? null, value });
        // As Debezium: to a deleted row fields are added after some were dropped.
        return drop(whole, isDelete ? addedNames : none);
      },
    };
  },
);

function routeBy<R extends ConnectRecord>(field: string, record: R, image: unknown): R {
  const topic = field === '' || !isStruct(image) ? undefined : image[field];
  return typeof topic === 'string' ? { ...record, topic } : record;
}

/** The row's schema with what is added; never optional, since what is written is a row. */
function rowSchema(
  envelope: StructSchema,
  { added, addsDeleted }: RowSettings,
): StructSchema | undefined {
  const image = fieldOf(envelope, 'after');
  if (image?.type !== 'struct') return undefined;
  const more = added.flatMap((each) => {
    const schema = addedSchema(envelope, each);
    return schema === undefined ? [] : [{ name: each.name, schema }];
  });
  const deleted = addsDeleted
    ? [{ name: DELETED, schema: schemas.string({ optional: true }) }]
    : [];
  return { ...withFields(image, [...image.fields, ...deleted, ...more]), optional: false };
}

function rowValue(
  schema: StructSchema,
  envelope: Struct,
  image: Struct,
  isDelete: boolean,
  { added, addsDeleted, hasDefaults }: RowSettings,
): Struct {
  const row = fieldOf(schema, 'after');
  const value: Record<string, unknown> = {};
  for (const field of row?.type === 'struct' ? row.fields : [])
    value[field.name] = fieldValue(image, field, hasDefaults);
  if (addsDeleted) value[DELETED] = isDelete ? 'true' : 'false';
  for (const each of added)
    if (addedSchema(schema, each) !== undefined) value[each.name] = addedValue(envelope, each);
  return value;
}
