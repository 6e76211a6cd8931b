import {
  adjustFieldName,
  adjustSchemaName,
  envelopeSchema,
  sourceSchema,
  structOf,
  type ColumnMaskRule,
  type TopicNaming,
} from '@millrace/cdc';
import { jsonText, schemas, schemasEqual, type Schema, type StructSchema } from '@millrace/record';
import { columnDefault } from './column-defaults.ts';
import type { Settings } from './settings.ts';
import { sourceTypeParameters } from './source-type.ts';
import type { TypeCatalog } from './types/type-catalog.ts';
import { codecOf } from './types/codec-of.ts';
import type { ColumnCodec, JsonShortcut } from './types/codec.ts';

/** What a table's rows become: topic, schemas, and for each column how its text is carried. Immutable. */
export interface TableShape {
  readonly schema: string;
  readonly table: string;
  readonly topic: string;
  /** null: the table has no key. */
  readonly keySchema: StructSchema | null;
  readonly valueSchema: StructSchema;
  readonly rowSchema: StructSchema;
  readonly columns: readonly ShapeColumn[];
  readonly keyColumns: readonly ShapeColumn[];
  /** The table's own key, whatever the events' is; empty without one, or where it is not captured whole. */
  readonly identityColumns: readonly ShapeColumn[];
  /** Whether the old row that the server sends with a changed identity holds the whole key. */
  readonly isKeyInIdentity: boolean;
  readonly isFullIdentity: boolean;
  /** `"schema":…,"table":…` of the source block. */
  readonly sourceNames: string;
}

export interface ShapeColumn {
  readonly name: string;
  /** Its name in the schema. */
  readonly field: string;
  /** Where it stands among the values of the wire. */
  readonly wireIndex: number;
  readonly schema: Schema;
  readonly decode: (text: string) => unknown;
  readonly shortcut: JsonShortcut;
  /** `{"name":` or `,"name":` */
  readonly prefix: Buffer;
  readonly nullValue: unknown;
  readonly nullJson: Buffer;
  readonly unchangedValue: unknown;
  readonly unchangedJson: Buffer;
}

/** What is known of a table, from the catalogue, the stream, or both. */
export interface TableDescription {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly ColumnDescription[];
  /** In the order of the key; empty without one. */
  readonly key: readonly string[];
  readonly replicaIdentity: string;
}

export interface ColumnDescription {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly isOptional: boolean;
  readonly defaultExpression: string | null;
  readonly isIdentity: boolean;
}

export const SOURCE_SCHEMA = sourceSchema('io.debezium.connector.postgresql.Source', [
  { name: 'schema', schema: schemas.string() },
  { name: 'table', schema: schemas.string() },
  { name: 'txId', schema: schemas.int64({ optional: true }) },
  { name: 'lsn', schema: schemas.int64({ optional: true }) },
  { name: 'xmin', schema: schemas.int64({ optional: true }) },
  { name: 'origin', schema: schemas.string({ optional: true }) },
  { name: 'origin_lsn', schema: schemas.int64({ optional: true }) },
]);

export interface ShapeContext {
  readonly settings: Settings;
  readonly topics: TopicNaming;
  readonly types: TypeCatalog;
}

export function shapeOf(description: TableDescription, context: ShapeContext): TableShape {
  const { settings, topics, types } = context;
  const { schema, table } = description;
  const topic = topics.table(schema, table);
  const id = `${schema}.${table}`;
  const columns = description.columns.flatMap((column, wireIndex): DraftColumn[] => {
    if (!settings.capturesColumn(schema, table, column.name)) return [];
    const codec = codecOf(column.typeOid, column.typeModifier, types, settings.values);
    if (codec === undefined) return [];
    const typeName = types.find(column.typeOid)?.name ?? '';
    return [
      {
        ...masked(column, codec, id, settings),
        wireIndex,
        typeName,
        parameters: parametersOf(column, typeName, id, settings),
        bare: { codec, maskOfNull: null },
      },
    ];
  });
  const keyNames =
    settings.keyColumns.find((rule) => rule.matchesTable(id))?.columns ?? description.key;
  const key = keyNames.flatMap((name) => columns.find((column) => column.name === name) ?? []);
  const name = (suffix: string): string =>
    adjustSchemaName(settings.schemaNames, `${topic}.${suffix}`);
  const shaped = columns.map((column, index) => shapeColumn(column, index, settings));
  // As in Debezium a mask hides nothing in the key, or different rows would be one; nor is told where it came from.
  const keyShaped = key.map((column, index) =>
    shapeColumn({ ...column, ...column.bare, parameters: {} }, index, settings),
  );
  const identity = description.key.flatMap(
    (name) => shaped.find((column) => column.name === name) ?? [],
  );
  const rowSchema = structOf(shaped.map(fieldOf), { name: name('Value'), optional: true });
  return {
    schema,
    table,
    topic,
    keySchema:
      keyShaped.length === 0 ? null : structOf(keyShaped.map(fieldOf), { name: name('Key') }),
    valueSchema: envelopeSchema({ name: name('Envelope'), row: rowSchema, source: SOURCE_SCHEMA }),
    rowSchema,
    columns: shaped,
    keyColumns: keyShaped,
    identityColumns: identity.length === description.key.length ? identity : [],
    isKeyInIdentity: key.every((column) => column.isIdentity),
    isFullIdentity: description.replicaIdentity === 'f',
    sourceNames: `"schema":${JSON.stringify(schema)},"table":${JSON.stringify(table)}`,
  };
}

interface DraftColumn extends ColumnDescription {
  readonly wireIndex: number;
  readonly typeName: string;
  readonly codec: ColumnCodec;
  /** Stands for null in an optional column: null itself, unless a mask hides that too. */
  readonly maskOfNull: string | null;
  /** Over those of the type. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Without the mask. */
  readonly bare: Pick<DraftColumn, 'codec' | 'maskOfNull'>;
}

function fieldOf(column: ShapeColumn): { name: string; schema: Schema } {
  return { name: column.field, schema: column.schema };
}

function shapeColumn(column: DraftColumn, index: number, settings: Settings): ShapeColumn {
  const { codec } = column;
  const field = adjustFieldName(settings.fieldNames, column.name);
  const fallback = columnDefault(column.defaultExpression, column.typeName, codec);
  const schema: Schema = {
    ...codec.schema,
    ...(Object.keys(column.parameters).length === 0
      ? {}
      : { parameters: { ...codec.schema.parameters, ...column.parameters } }),
    optional: column.isOptional,
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  // Connect has no null in a required field: the default or the zero value stands for what was not sent.
  const nullValue = column.isOptional ? column.maskOfNull : (fallback ?? codec.zero);
  const unchangedValue = codec.placeholder ?? nullValue;
  return {
    name: column.name,
    field,
    wireIndex: column.wireIndex,
    schema,
    decode: codec.decode,
    shortcut: codec.json,
    prefix: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(field)}:`),
    nullValue,
    nullJson: Buffer.from(jsonText(schema, nullValue)),
    unchangedValue,
    unchangedJson: Buffer.from(jsonText(schema, unchangedValue)),
  };
}

/** A column whose text is hidden or cut; only texts can be. */
function masked(
  column: ColumnDescription,
  codec: ColumnCodec,
  table: string,
  settings: Settings,
): ColumnDescription & Pick<DraftColumn, 'codec' | 'maskOfNull'> {
  const rule = maskOf(column, table, settings);
  if (rule === undefined || codec.schema.type !== 'string')
    return { ...column, codec, maskOfNull: null };
  const lengthMax =
    rule.fitsColumn && column.typeModifier > 4 ? column.typeModifier - 4 : undefined;
  const mask = (text: string): string => rule.mask(text).slice(0, lengthMax);
  return {
    ...column,
    maskOfNull: rule.maskOfNull,
    codec: {
      ...codec,
      decode: (text) => mask(String(codec.decode(text))),
      json: { kind: 'value' },
      zero: mask(String(codec.zero)),
    },
  };
}

function maskOf(
  column: ColumnDescription,
  table: string,
  settings: Settings,
): ColumnMaskRule | undefined {
  return settings.masks.find((rule) => rule.matchesColumn(`${table}.${column.name}`));
}

function parametersOf(
  column: ColumnDescription,
  typeName: string,
  table: string,
  settings: Settings,
): Readonly<Record<string, string>> {
  const rule = maskOf(column, table, settings);
  if (rule !== undefined) return { [rule.parameter[0]]: rule.parameter[1] };
  return settings.propagatesType(`${table}.${column.name}`, `${table}.${typeName}`)
    ? sourceTypeParameters(column.name, typeName, column.typeModifier)
    : {};
}

/** The known shape when the new one is the same, so that converters go on with what they compiled for it. */
export function reuseShape(known: TableShape | undefined, shape: TableShape): TableShape {
  return known !== undefined &&
    known.isFullIdentity === shape.isFullIdentity &&
    known.isKeyInIdentity === shape.isKeyInIdentity &&
    schemasEqual(known.valueSchema, shape.valueSchema) &&
    schemasEqual(known.keySchema, shape.keySchema) &&
    known.columns.every((column, index) => column.wireIndex === shape.columns[index]?.wireIndex)
    ? known
    : shape;
}
