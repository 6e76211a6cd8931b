import {
  valuesText,
  type Field,
  type Header,
  type Schema,
  type Struct,
  type StructSchema,
} from '@millrace/record';
import { badSettings, unsuitableRecord } from '../errors.ts';
import { javaReplacing } from '../java-replacement.ts';
import { transform } from '../plugin.ts';
import { withoutJson } from '../stale-json.ts';
import { fieldValue } from '../subject.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { eventRouterFields } from './event-router-fields.ts';
import { eventTimestampMs } from './event-timestamp.ts';
import { expandJson } from './json-expansion.ts';

const DELETE = 'd';
const UPDATE = 'u';
const PAYLOAD = 'payload';
/** INV-6: schemas of messages with fields in the envelope, by topic and version. */
const SCHEMAS_MAX = 100;

type Placement = 'header' | 'envelope' | 'partition';

interface AdditionalField {
  readonly column: string;
  readonly placement: Placement;
  readonly name: string;
}

/** Rows that are inserted into an outbox table become messages of their own (the outbox pattern). */
export const eventRouter = transform(
  'event-router',
  'io.debezium.transforms.outbox.EventRouter',
  eventRouterFields,
  (settings) => {
    const additional = settings['table.fields.additional.placement'].map(parsePlacement);
    const isMissingError =
      settings['table.field.additional.missing'] === 'error' &&
      settings['table.fields.additional.error.on.missing'];
    const routed = javaReplacing(
      settings['route.topic.regex'],
      settings['route.topic.replacement'],
    );
    const inEnvelope = additional.filter(({ placement }) => placement === 'envelope');
    const schemas = new EnvelopeSchemas();

    const route = (row: Row): string => {
      const value = row.required(settings['route.by.field']);
      if (typeof value !== 'string')
        throw unsuitableRecord(`the column ${settings['route.by.field']} holds no topic`);
      return routed(value);
    };

    const placed = (row: Row, { column }: AdditionalField): Field | undefined => {
      const schema = fieldOf(row.schema, column);
      if (schema === undefined && isMissingError)
        throw unsuitableRecord(`${column} is not a valid field name`);
      return schema === undefined ? undefined : { name: column, schema };
    };

    const payloadOf = (row: Row): { readonly schema: Schema | null; readonly value: unknown } => {
      const column = settings['table.field.event.payload'];
      const schema = fieldOf(row.schema, column);
      if (schema === undefined)
        throw unsuitableRecord(`Unable to find payload field ${column} in event`);
      const value = row.find(column);
      if (!settings['table.expand.json.payload'] || typeof value !== 'string')
        return { schema, value };
      const nulls =
        settings['table.json.payload.null.behavior'] === 'ignore' ? 'ignore' : 'optional_bytes';
      return expandJson(value, { nulls, root: column }) ?? { schema, value };
    };

    const messageOf = (
      row: Row,
      name: string,
    ): { readonly valueSchema: Schema | null; readonly value: unknown } => {
      const payload = payloadOf(row);
      if (settings['route.tombstone.on.empty.payload'] && isEmpty(payload.value))
        return { valueSchema: null, value: null };
      if (inEnvelope.length === 0) return { valueSchema: payload.schema, value: payload.value };
      const members: [string, unknown][] = [[PAYLOAD, payload.value]];
      const more: Field[] = [];
      for (const each of inEnvelope) {
        const field = placed(row, each);
        if (field === undefined) continue;
        more.push({ name: each.name, schema: field.schema });
        members.push([each.name, row.find(each.column)]);
      }
      const versionColumn = settings['table.field.event.schema.version'];
      const version = versionColumn === null ? null : row.required(versionColumn);
      return {
        valueSchema: schemas.of(
          name,
          payload.schema,
          more,
          typeof version === 'number' ? version : null,
        ),
        value: Object.fromEntries(members),
      };
    };

    return {
      apply: (record) => {
        const { value, valueSchema } = record;
        if (value === null || value === undefined) return null;
        if (
          valueSchema?.type !== 'struct' ||
          valueSchema.name?.endsWith('.Envelope') !== true ||
          !isStruct(value)
        )
          return record;
        if (value['op'] === DELETE) return null;
        if (value['op'] === UPDATE) {
          if (settings['table.op.invalid.behavior'] !== 'fatal') return null;
          throw unsuitableRecord(
            `Unexpected update message received ${valuesText(record.keySchema, record.key)}, fail.`,
          );
        }
        const row = Row.after(valueSchema, value);
        const topic = route(row);
        const routedBy = String(row.find(settings['route.by.field']));
        const name = `${baseName(row.schema)}.${routedBy}.Value`;
        const key = row.field(settings['table.field.event.key']);
        const partitions = additional.filter(({ placement }) => placement === 'partition');
        return {
          ...withoutJson(record, { key: true, value: true }),
          topic,
          partition: partitionOf(row, partitions, placed),
          keySchema: key.schema,
          key: row.find(key.name),
          ...messageOf(row, name),
          timestampMs: eventTimestampMs(
            row.schema,
            settings['table.field.event.timestamp'],
            (column) => row.find(column),
            value['ts_ms'],
          ),
          headers: [
            ...record.headers,
            row.header('id', settings['table.field.event.id']),
            ...additional
              .filter(({ placement }) => placement === 'header')
              .filter((each) => placed(row, each) !== undefined)
              .map(({ name: alias, column }) => row.header(alias, column)),
          ],
        };
      },
    };
  },
);

function isEmpty(payload: unknown): boolean {
  return payload === null || (typeof payload === 'string' && payload.trim() === '');
}

function partitionOf(
  row: Row,
  additional: readonly AdditionalField[],
  placed: (row: Row, each: AdditionalField) => Field | undefined,
): number | null {
  let partition: number | null = null;
  for (const each of additional) {
    const field = placed(row, each);
    if (field === undefined) continue;
    if (field.schema.type !== 'int32')
      throw unsuitableRecord(`Field '${each.column}' is not of type INT32`);
    partition = Number(row.find(each.column) ?? -1);
  }
  return partition === -1 ? null : partition;
}

/** The outbox row of an event. */
class Row {
  readonly schema: StructSchema;
  readonly #value: Struct;

  private constructor(schema: StructSchema, value: Struct) {
    this.schema = schema;
    this.#value = value;
  }

  static after(envelope: StructSchema, value: Struct): Row {
    const schema = fieldOf(envelope, 'after');
    const after = value['after'];
    if (schema?.type !== 'struct' || !isStruct(after))
      throw unsuitableRecord('Only Struct objects supported for [Read Outbox Event], found: null');
    return new Row(schema, after);
  }

  field(name: string): Field {
    const schema = fieldOf(this.schema, name);
    if (schema === undefined) throw unsuitableRecord(`${name} is not a valid field name`);
    return { name, schema };
  }

  find(name: string): unknown {
    return fieldValue(this.#value, this.field(name), true);
  }

  required(name: string): unknown {
    return this.find(this.field(name).name);
  }

  header(key: string, column: string): Header {
    return { key, schema: this.field(column).schema, value: this.find(column) };
  }
}

/** The schemas of messages with columns beside the payload, one object for equal ones. */
class EnvelopeSchemas {
  readonly #known = new Map<
    string,
    { readonly payload: Schema | null; readonly schema: StructSchema }
  >();

  of(
    name: string,
    payload: Schema | null,
    more: readonly Field[],
    version: number | null,
  ): StructSchema {
    const id = `${name} ${version ?? ''} ${more.map((field) => field.name).join()}`;
    const known = this.#known.get(id);
    if (known?.payload === payload) return known.schema;
    const fields = payload === null ? more : [{ name: PAYLOAD, schema: payload }, ...more];
    const schema: StructSchema = {
      type: 'struct',
      optional: false,
      name,
      fields,
      ...(version === null ? {} : { version }),
    };
    if (this.#known.size >= SCHEMAS_MAX) this.#known.clear();
    this.#known.set(id, { payload, schema });
    return schema;
  }
}

/** `s.outbox.Value` is `s.outbox`. */
function baseName({ name = '' }: StructSchema): string {
  return name.replace(/\.Value$/, '');
}

function parsePlacement(text: string): AdditionalField {
  const [column = '', placement = '', alias, ...rest] = text.split(':').map((part) => part.trim());
  const isKnown = placement === 'header' || placement === 'envelope' || placement === 'partition';
  if (column === '' || !isKnown || rest.length > 0)
    throw badSettings(
      `table.fields.additional.placement: "${text}" is not column:header|envelope|partition[:alias]`,
    );
  return { column, placement, name: alias ?? column };
}
