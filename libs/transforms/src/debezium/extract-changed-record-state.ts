import { defineFields } from '@millrace/config';
import { schemas, valuesEqual, type ConnectRecord, type Schema } from '@millrace/record';
import { transform } from '../plugin.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { envelopeOf, withHeader, type Envelope } from './envelope.ts';

const fields = defineFields({
  'header.changed.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'Header for the names of the fields that an update has changed; none without a name.',
  },
  'header.unchanged.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'Header for the names of those that it has not.',
  },
});

/** Says in headers what an update has changed; the lists of other events are empty. */
export const extractChangedRecordState = transform(
  'extract-changed-record-state',
  'io.debezium.transforms.ExtractChangedRecordState',
  fields,
  (settings) => {
    const changedName = settings['header.changed.name'] ?? '';
    const unchangedName = settings['header.unchanged.name'] ?? '';
    const changedSchema = listSchema(changedName);
    const unchangedSchema = listSchema(unchangedName);
    const add = <R extends ConnectRecord>(
      record: R,
      key: string,
      schema: Schema,
      names: readonly string[],
    ): R => (key.trim() === '' ? record : withHeader(record, { key, schema, value: names }));
    return {
      apply: (record) => {
        const envelope = envelopeOf(record);
        if (envelope === undefined) return record;
        const { changed, unchanged } = differences(envelope);
        const once = add(record, changedName, changedSchema, changed);
        return add(once, unchangedName, unchangedSchema, unchanged);
      },
    };
  },
);

function listSchema(name: string): Schema {
  return schemas.array(schemas.string({ optional: true }), { optional: true, name });
}

function differences({ schema, value }: Envelope): {
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
} {
  const { before, after } = value;
  const row = fieldOf(schema, 'after');
  if (!isStruct(before) || !isStruct(after) || row?.type !== 'struct')
    return { changed: [], unchanged: [] };
  const isSame = new Map(
    row.fields.map(({ name }) => [name, valuesEqual(before[name] ?? null, after[name] ?? null)]),
  );
  const names = [...isSame.keys()];
  return {
    changed: names.filter((name) => isSame.get(name) === false),
    unchanged: names.filter((name) => isSame.get(name) === true),
  };
}
