import {
  adjustFieldName,
  adjustSchemaName,
  envelopeSchema,
  sourceSchema,
  structOf,
  wordsOf,
  type ColumnMaskRule,
  type TopicNaming,
} from '@millrace/cdc';
import { jsonText, schemas, schemasEqual, type Schema, type StructSchema } from '@millrace/record';
import type { TableMap } from './binlog/events/table-map.ts';
import { columnDefault, type DefaultOfColumn } from './column-defaults.ts';
import type { Flavour, Settings } from './settings.ts';
import { sourceTypeParameters, typeName } from './source-type.ts';
import { codecOf } from './types/codec-of.ts';
import type { ColumnCodec, ValueReader } from './types/codec.ts';
import type { ColumnDefinition } from './types/column.ts';
import { roomOf } from './types/render-row.ts';
import type { RowColumn } from './types/row.ts';
import type { ValueSettings } from './types/value-settings.ts';

/** A column with what a schema tells of it beyond its values. */
export type DescribedColumn = ColumnDefinition &
  Partial<DefaultOfColumn> & { readonly typeText?: string; readonly comment?: string | null };

/** What is known of a table, from the catalogue, the binlog or the history. */
export interface TableDescription {
  readonly database: string;
  readonly table: string;
  /** In the order of the wire. */
  readonly columns: readonly DescribedColumn[];
  /** In the order of the key; empty without one. */
  readonly key: readonly string[];
}

/** What a table's rows become: topic, schemas, and for each column how its values are carried. Immutable. */
export interface TableShape {
  readonly database: string;
  readonly table: string;
  readonly topic: string;
  /** null: the table has no key. */
  readonly keySchema: StructSchema | null;
  readonly valueSchema: StructSchema;
  readonly rowSchema: StructSchema;
  readonly columns: readonly ShapeColumn[];
  readonly keyColumns: readonly ShapeColumn[];
  readonly description: TableDescription;
}

export interface ShapeColumn {
  readonly name: string;
  /** Its name in the schema. */
  readonly field: string;
  /** Where it stands in the table. */
  readonly index: number;
  readonly schema: Schema;
  readonly codec: ColumnCodec;
  readonly nullValue: unknown;
}

/** A shape with the readers for one form of rows. */
export interface RowForm {
  readonly shape: TableShape;
  readonly columns: readonly RowColumn[];
  readonly keyColumns: readonly RowColumn[];
  /** What the JSON of a row takes at most, beside six times its bytes; and that of its key. */
  readonly rowRoom: number;
  readonly keyRoom: number;
}

export const SOURCE_SCHEMAS: Readonly<Record<Flavour, StructSchema>> = {
  mysql: sourceSchemaOf('mysql'),
  mariadb: sourceSchemaOf('mariadb'),
};

function sourceSchemaOf(connector: Flavour): StructSchema {
  return sourceSchema(`io.debezium.connector.${connector}.Source`, [
    { name: 'table', schema: schemas.string({ optional: true }) },
    { name: 'server_id', schema: schemas.int64() },
    { name: 'gtid', schema: schemas.string({ optional: true }) },
    { name: 'file', schema: schemas.string() },
    { name: 'pos', schema: schemas.int64() },
    { name: 'row', schema: schemas.int32() },
    { name: 'thread', schema: schemas.int64({ optional: true }) },
    { name: 'query', schema: schemas.string({ optional: true }) },
  ]);
}

export interface ShapeContext {
  readonly settings: Settings;
  readonly values: ValueSettings;
  readonly topics: TopicNaming;
}

export function shapeOf(description: TableDescription, context: ShapeContext): TableShape {
  const { settings, topics, values } = context;
  const { database, table } = description;
  const topic = topics.table(database, table);
  const id = `${database}.${table}`;
  const columns = description.columns.flatMap((column, index): DraftColumn[] => {
    if (!settings.capturesColumn(database, table, column.name)) return [];
    const codec = codecOf(column, values, id);
    if (codec === undefined) return [];
    return [
      {
        ...masked(column, codec, id, settings),
        index,
        parameters: parametersOf(column, id, settings),
        comment: settings.config['include.schema.comments'] ? (column.comment ?? null) : null,
        bare: { codec, fallback: columnDefault(column, codec), maskOfNull: null },
      },
    ];
  });
  const keyNames =
    settings.keyColumns.find((rule) => rule.matchesTable(id))?.columns ?? description.key;
  const key = keyNames.flatMap(
    (name) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase()) ?? [],
  );
  const name = (suffix: string): string =>
    adjustSchemaName(settings.schemaNames, `${topic}.${suffix}`);
  const shaped = columns.map((column) => shapeColumn(column, settings));
  // As in Debezium a mask hides nothing in the key, or different rows would be one; nor is told where it came from.
  const keyShaped = key.map((column) =>
    shapeColumn({ ...column, ...column.bare, parameters: {} }, settings),
  );
  const rowSchema = structOf(shaped.map(fieldOf), { name: name('Value'), optional: true });
  return {
    database,
    table,
    topic,
    keySchema:
      keyShaped.length === 0 ? null : structOf(keyShaped.map(fieldOf), { name: name('Key') }),
    valueSchema: envelopeSchema({
      name: name('Envelope'),
      row: rowSchema,
      source: SOURCE_SCHEMAS[settings.flavour],
    }),
    rowSchema,
    columns: shaped,
    keyColumns: keyShaped,
    description,
  };
}

/** Rows of the text protocol, with these columns (by their index in the table) selected in this order. */
export function textForm(shape: TableShape, selected: readonly number[]): RowForm {
  return formOf(
    shape,
    (column) => column.codec.text,
    (column) => selected.indexOf(column.index),
  );
}

/** Rows of the binlog. @throws MillraceError when the table map is not of these types */
export function wireForm(shape: TableShape, map: TableMap): RowForm {
  return formOf(
    shape,
    (column) => {
      const wire = map.columns[column.index];
      return wire === undefined ? column.codec.text : column.codec.onWire(wire);
    },
    (column) => column.index,
  );
}

function formOf(
  shape: TableShape,
  readerOf: (column: ShapeColumn) => ValueReader,
  wireIndexOf: (column: ShapeColumn) => number,
): RowForm {
  const bind = (column: ShapeColumn, index: number): RowColumn => {
    const { codec, field, nullValue, schema } = column;
    const absentValue = codec.placeholder ?? nullValue;
    const prefix = Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(field)}:`);
    return {
      field,
      wireIndex: wireIndexOf(column),
      schema,
      reader: readerOf(column),
      prefix,
      prefixWords: wordsOf(prefix),
      nullValue,
      nullJson: Buffer.from(jsonText(schema, nullValue)),
      absentValue,
      absentJson: Buffer.from(jsonText(schema, absentValue)),
    };
  };
  const columns = shape.columns.map(bind);
  const keyColumns = shape.keyColumns.map(bind);
  return { shape, columns, keyColumns, rowRoom: roomOf(columns), keyRoom: roomOf(keyColumns) };
}

interface DraftColumn {
  readonly name: string;
  readonly index: number;
  readonly isOptional: boolean;
  readonly fallback: unknown;
  readonly codec: ColumnCodec;
  /** Stands for null in an optional column: null itself, unless a mask hides that too. */
  readonly maskOfNull: string | null;
  /** Over those of the type. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly comment: string | null;
  /** Without the mask. */
  readonly bare: Pick<DraftColumn, 'codec' | 'fallback' | 'maskOfNull'>;
}

function fieldOf(column: ShapeColumn): { name: string; schema: Schema } {
  return { name: column.field, schema: column.schema };
}

function shapeColumn(column: DraftColumn, settings: Settings): ShapeColumn {
  const { codec, fallback, isOptional } = column;
  const schema: Schema = {
    ...codec.schema,
    ...(Object.keys(column.parameters).length === 0
      ? {}
      : { parameters: { ...codec.schema.parameters, ...column.parameters } }),
    optional: isOptional,
    ...(column.comment === null ? {} : { doc: column.comment }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  return {
    name: column.name,
    field: adjustFieldName(settings.fieldNames, column.name),
    index: column.index,
    schema,
    codec,
    // Connect has no null in a required field: the zero value stands for what is none.
    nullValue: isOptional ? column.maskOfNull : codec.zero,
  };
}

const GEOMETRY = 'io.debezium.data.geometry.Geometry';

/** A column whose text is hidden or cut; only texts can be. */
function masked(
  column: DescribedColumn,
  codec: ColumnCodec,
  table: string,
  settings: Settings,
): Pick<DraftColumn, 'name' | 'isOptional' | 'codec' | 'maskOfNull' | 'fallback'> {
  const { name } = column;
  // As Debezium: also in a column that has to have one.
  const isOptional = column.isOptional || codec.schema.name === GEOMETRY;
  const rule = maskOf(name, table, settings);
  if (rule === undefined || codec.schema.type !== 'string')
    return { name, isOptional, codec, maskOfNull: null, fallback: columnDefault(column, codec) };
  const lengthMax = rule.fitsColumn && column.length !== null ? column.length : undefined;
  const mask = (text: string): string => rule.mask(text).slice(0, lengthMax);
  const masking = (reader: ValueReader): ValueReader => ({
    read: (bytes, start, end) => mask(String(reader.read(bytes, start, end))),
    json: null,
  });
  const hidden: ColumnCodec = {
    ...codec,
    zero: mask(String(codec.zero)),
    text: masking(codec.text),
    onWire: (wire) => masking(codec.onWire(wire)),
  };
  return {
    name,
    isOptional,
    maskOfNull: rule.maskOfNull,
    codec: hidden,
    fallback: columnDefault(column, hidden),
  };
}

function maskOf(column: string, table: string, settings: Settings): ColumnMaskRule | undefined {
  return settings.masks.find((rule) => rule.matchesColumn(`${table}.${column}`));
}

function parametersOf(
  column: DescribedColumn,
  table: string,
  settings: Settings,
): Readonly<Record<string, string>> {
  const rule = maskOf(column.name, table, settings);
  if (rule !== undefined) return { [rule.parameter[0]]: rule.parameter[1] };
  return settings.propagatesType(`${table}.${column.name}`, `${table}.${typeName(column)}`)
    ? sourceTypeParameters(column)
    : {};
}

/** The known shape when the new one is the same, so that converters go on with what they compiled for it. */
export function reuseShape(known: TableShape | undefined, shape: TableShape): TableShape {
  return known !== undefined &&
    schemasEqual(known.valueSchema, shape.valueSchema) &&
    schemasEqual(known.keySchema, shape.keySchema) &&
    known.columns.every((column, position) => {
      const other = shape.columns[position];
      return (
        other !== undefined &&
        column.index === other.index &&
        sameType(known.description.columns[column.index], shape.description.columns[other.index])
      );
    })
    ? known
    : shape;
}

/** Whether values of the two are carried in the same way: schemas alone do not tell (a charset, a width). */
function sameType(left: DescribedColumn | undefined, right: DescribedColumn | undefined): boolean {
  return (
    left?.type === right?.type &&
    left?.length === right?.length &&
    left?.scale === right?.scale &&
    left?.charset === right?.charset &&
    left?.isUnsigned === right?.isUnsigned &&
    (left?.labels ?? []).join('\0') === (right?.labels ?? []).join('\0')
  );
}
