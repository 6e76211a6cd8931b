import { defineFields } from '@millrace/config';
import {
  logical,
  optional,
  schemas,
  type Field,
  type Schema,
  type StructSchema,
} from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import type { RecordDraft } from './draft/record-draft.ts';
import { perSchema, setMember, rebuilt } from './subject.ts';

const nameField = (
  what: string,
): {
  readonly type: 'STRING';
  readonly default: null;
  readonly importance: 'MEDIUM';
  readonly doc: string;
} => ({
  type: 'STRING',
  default: null,
  importance: 'MEDIUM',
  doc: `Field name for ${what}. Suffix with ! to make this a required field, or ? to keep it optional (the default).`,
});

const fields = defineFields({
  'topic.field': nameField('the topic'),
  'partition.field': nameField('the partition'),
  'offset.field': nameField('the offset, of sinks only'),
  'timestamp.field': nameField('the timestamp of the record'),
  'static.field': nameField('a static value'),
  'static.value': { type: 'STRING', default: null, importance: 'MEDIUM', doc: 'The static value.' },
  'replace.null.with.default': replaceNullField,
});

interface Insertion {
  readonly name: string;
  readonly schema: Schema;
  /** undefined: nothing is inserted into this record. */
  readonly value: (draft: RecordDraft, hasSchema: boolean) => unknown;
}

const PURPOSE = 'field insertion';

/** Adds fields with where the record comes from, or with a fixed value. */
export const insertField = keyAndValue('insert-field', 'InsertField', fields, (settings, side) => {
  const staticValue = settings['static.value'];
  if (settings['static.field'] !== null && staticValue === null)
    throw badSettings('No value specified for static field: set static.value');
  const insertions = [
    insertion(settings['topic.field'], schemas.string(), (draft) => draft.topic),
    insertion(
      settings['partition.field'],
      schemas.int32(),
      (draft) => draft.partition ?? undefined,
    ),
    insertion(settings['offset.field'], schemas.int64(), offsetOf),
    insertion(settings['timestamp.field'], logical.timestamp(), ({ timestampMs }, hasSchema) => {
      if (timestampMs === null) return undefined;
      return hasSchema ? new Date(timestampMs) : timestampMs;
    }),
    insertion(settings['static.field'], schemas.string(), () => staticValue),
  ].flatMap((each) => each ?? []);
  if (insertions.length === 0) throw badSettings('No field insertion configured');
  const schemaOf = perSchema((schema: StructSchema) =>
    rebuilt(schema, insertedFields(schema, insertions)),
  );
  const hasDefaults = settings['replace.null.with.default'];
  return (draft) => {
    const half = draft.half(side);
    if (half.isNull) return true;
    if (half.schema === null) {
      const members = half.openMap(PURPOSE);
      for (const { name, value } of insertions) {
        const inserted = value(draft, false);
        if (inserted !== undefined) setMember(members, name, inserted);
      }
    } else {
      const schema = schemaOf(half.requireStruct(PURPOSE));
      const members = half.members(PURPOSE, hasDefaults);
      for (const { value } of insertions) members.push(value(draft, true) ?? null);
      half.setSchema(schema);
    }
    return true;
  };
});

function insertedFields(schema: StructSchema, insertions: readonly Insertion[]): readonly Field[] {
  return [
    ...schema.fields,
    ...insertions.map((each) => ({ name: each.name, schema: each.schema })),
  ];
}

function insertion(
  spec: string | null,
  schema: Schema,
  value: Insertion['value'],
): Insertion | undefined {
  if (spec === null) return undefined;
  const name = spec.replace(/[!?]$/, '');
  return { name, schema: spec.endsWith('!') ? schema : optional(schema), value };
}

function offsetOf({ original }: RecordDraft): number {
  if ('originalOffset' in original && typeof original.originalOffset === 'number')
    return original.originalOffset;
  throw unsuitableRecord('Only SinkRecord supported for [field insertion], found: SourceRecord');
}
