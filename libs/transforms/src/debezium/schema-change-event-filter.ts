import { defineFields } from '@millrace/config';
import { badSettings, unsuitableRecord } from '../errors.ts';
import { transform } from '../plugin.ts';
import { isStruct } from './added-fields.ts';

const TYPES: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'DATABASE']);
const SCHEMA_NAME = /\.SchemaChange(?:Value|Key)$/;

const fields = defineFields({
  'schema.change.event.exclude.list': {
    type: 'LIST',
    importance: 'HIGH',
    recommended: [...TYPES],
    doc: 'Kinds of schema changes that are left out: CREATE, ALTER, DROP, TRUNCATE, DATABASE.',
  },
});

/** Leaves out schema changes of some kinds; what is no schema change passes. */
export const schemaChangeEventFilter = transform(
  'schema-change-event-filter',
  'io.debezium.transforms.SchemaChangeEventFilter',
  fields,
  (settings) => {
    const excluded = new Set(settings['schema.change.event.exclude.list']);
    const unknown = [...excluded].filter((type) => !TYPES.has(type));
    if (unknown.length > 0)
      throw badSettings(
        `"${unknown.join('", "')}" is no kind of schema change; known are ${[...TYPES].join(', ')}`,
      );
    return {
      apply: (record) => {
        const { value, valueSchema } = record;
        if (value === null || value === undefined) return record;
        if (!SCHEMA_NAME.test(valueSchema?.name ?? '')) return record;
        const changes = isStruct(value) ? value['tableChanges'] : undefined;
        if (!Array.isArray(changes)) return null;
        return excluded.has(typeOf(changes)) ? null : record;
      },
    };
  },
);

/** Without a table it is about the database. */
function typeOf(changes: readonly unknown[]): string {
  const [first] = changes;
  if (first === undefined) return 'DATABASE';
  const type = isStruct(first) ? first['type'] : undefined;
  if (typeof type === 'string' && TYPES.has(type)) return type;
  throw unsuitableRecord(`"${String(type)}" is no kind of schema change`);
}
