import { defineFields, oneOf } from '@millrace/config';
import {
  schemasEqual,
  type Header,
  type Schema,
  type Struct,
  type StructSchema,
} from '@millrace/record';
import { badSettings, unsuitableRecord } from '../errors.ts';
import { transform } from '../plugin.ts';
import { requireStruct, subjectOf, withFields, withSubject } from '../subject.ts';
import { isStruct } from './added-fields.ts';

const listed = (entries: readonly string[]): string | undefined => {
  if (entries.length === 0) return 'Empty list';
  return entries.some((entry) => entry === '' || /\s/.test(entry))
    ? 'no name may be empty or have a space in it'
    : undefined;
};

const fields = defineFields({
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Headers whose values become fields of the value.',
    validate: listed,
  },
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'The names of the fields, in the order of the headers; with dots inside of a struct.',
    validate: listed,
  },
  operation: {
    type: 'STRING',
    importance: 'HIGH',
    recommended: ['move', 'copy'],
    doc: 'move: the headers go. copy: they stay.',
    validate: oneOf('move', 'copy'),
  },
});

/** A header's value on its way to its place in the value. */
interface Entry {
  readonly path: readonly string[];
  readonly schema: Schema;
  readonly value: unknown;
}

/** Headers become fields of the value. */
export const headerToValue = transform(
  'header-to-value',
  'io.debezium.transforms.HeaderToValue',
  fields,
  ({ headers: keys, fields: names, operation }) => {
    if (keys.length !== names.length)
      throw badSettings(
        "'fields' config must have the same number of elements as 'headers' config.",
      );
    const paths = new Map(keys.map((key, index) => [key, (names[index] ?? '').split('.')]));
    const schemaOf = lastSchema();
    return {
      apply: (record) => {
        if (record.value === null || record.value === undefined) return record;
        const { schema, value } = requireStruct(
          subjectOf(record, 'Value'),
          'Header field insertion',
        );
        const entries = record.headers.flatMap((header) => entryOf(header, paths.get(header.key)));
        if (entries.length === 0) return record;
        const moved = withSubject(record, 'Value', {
          schema: schemaOf(schema, entries),
          value: withEntries(value, entries),
        });
        if (operation === 'copy') return moved;
        return { ...moved, headers: record.headers.filter(({ key }) => !paths.has(key)) };
      },
    };
  },
);

function entryOf(
  { key, schema, value }: Header,
  path: readonly string[] | undefined,
): readonly Entry[] {
  if (path === undefined) return [];
  if (schema === null) throw unsuitableRecord(`the header "${key}" has no schema`);
  return [{ path, schema, value }];
}

/** Most records have the same headers as the one before: their schema is made once, for converters' sake. */
function lastSchema(): (schema: StructSchema, entries: readonly Entry[]) => StructSchema {
  let last: { from: StructSchema; entries: readonly Entry[]; made: StructSchema } | undefined;
  return (from, entries) => {
    if (last?.from === from && areAlike(last.entries, entries)) return last.made;
    last = { from, entries, made: schemaWith(from, entries) };
    return last.made;
  };
}

function areAlike(left: readonly Entry[], right: readonly Entry[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ path, schema }, index) => {
      const other = right[index];
      return other?.path === path && schemasEqual(other.schema, schema);
    })
  );
}

/** Fields that are there already keep their schema. */
function schemaWith(schema: StructSchema, entries: readonly Entry[]): StructSchema {
  const inner = entriesInside(entries);
  const kept = schema.fields.map((field) => {
    const inside = inner.get(field.name);
    if (inside === undefined) return field;
    if (field.schema.type === 'struct')
      return { ...field, schema: schemaWith(field.schema, inside) };
    throw unsuitableRecord(
      `Field '${field.name}' is a primitive type, not a struct. Cannot add nested field '${inside[0]?.path.join('.') ?? ''}'.`,
    );
  });
  const known = new Set(schema.fields.map(({ name }) => name));
  const added = new Map<string, Schema>();
  for (const { path, schema: own } of entries) {
    const [name = ''] = path;
    if (path.length === 1 && !known.has(name) && !added.has(name)) added.set(name, own);
  }
  for (const [name, inside] of inner)
    if (!known.has(name) && !added.has(name))
      added.set(name, schemaWith({ type: 'struct', optional: true, fields: [] }, inside));
  return withFields(schema, [...kept, ...[...added].map(([name, own]) => ({ name, schema: own }))]);
}

function withEntries(value: Struct, entries: readonly Entry[]): Struct {
  const result: Record<string, unknown> = { ...value };
  for (const { path, value: own } of entries) if (path.length === 1) result[path[0] ?? ''] = own;
  for (const [name, inside] of entriesInside(entries)) {
    const holder = value[name];
    // A struct that is null stays null: there is nothing to add to.
    if (isStruct(holder) || !Object.hasOwn(value, name))
      result[name] = withEntries(isStruct(holder) ? holder : {}, inside);
  }
  return result;
}

/** Entries that belong into a member, by its name, with what is left of their paths. */
function entriesInside(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const inside = new Map<string, Entry[]>();
  for (const entry of entries) {
    const [name = '', ...rest] = entry.path;
    if (rest.length === 0) continue;
    inside.set(name, [...(inside.get(name) ?? []), { ...entry, path: rest }]);
  }
  return inside;
}
