import { schemas, type Schema } from '@millrace/record';
import { structOf } from '@millrace/cdc';
import type { CatalogColumn, Table } from '../catalog.ts';
import { toldDefault } from '../column-defaults.ts';
import { typeLength, typeName } from '../source-type.ts';
import { parseColumnType } from '../types/column.ts';

export type TableChangeType = 'CREATE' | 'ALTER' | 'DROP';

/** What a statement did to one table, in Debezium's form. */
export interface TableChange {
  readonly type: TableChangeType;
  readonly database: string;
  readonly name: string;
  /** Before it was renamed. */
  readonly previous?: { readonly database: string; readonly name: string };
  /** As it is afterwards; null: it is gone. */
  readonly table: Table | null;
}

const optionalText = schemas.string({ optional: true });
const optionalInt = schemas.int32({ optional: true });
const optionalFlag = schemas.boolean({ optional: true });

const COLUMN = structOf(
  [
    { name: 'name', schema: schemas.string() },
    { name: 'jdbcType', schema: schemas.int32() },
    { name: 'nativeType', schema: optionalInt },
    { name: 'typeName', schema: schemas.string() },
    { name: 'typeExpression', schema: optionalText },
    { name: 'charsetName', schema: optionalText },
    { name: 'length', schema: optionalInt },
    { name: 'scale', schema: optionalInt },
    { name: 'position', schema: schemas.int32() },
    { name: 'optional', schema: optionalFlag },
    { name: 'autoIncremented', schema: optionalFlag },
    { name: 'generated', schema: optionalFlag },
    { name: 'comment', schema: optionalText },
    { name: 'defaultValueExpression', schema: optionalText },
    { name: 'enumValues', schema: schemas.array(schemas.string(), { optional: true }) },
  ],
  { name: 'io.debezium.connector.schema.Column', version: 1 },
);
const TABLE = structOf(
  [
    { name: 'defaultCharsetName', schema: optionalText },
    {
      name: 'primaryKeyColumnNames',
      schema: schemas.array(schemas.string(), { optional: true }),
    },
    { name: 'columns', schema: schemas.array(COLUMN) },
    { name: 'comment', schema: optionalText },
  ],
  { name: 'io.debezium.connector.schema.Table', version: 1, optional: true },
);

export const CHANGE_SCHEMA: Schema = structOf(
  [
    { name: 'type', schema: schemas.string() },
    { name: 'id', schema: schemas.string() },
    { name: 'table', schema: TABLE },
  ],
  { name: 'io.debezium.connector.schema.Change', version: 1 },
);

/** `"db"."table"` */
export function doubleQuoted({ database, name }: { database: string; name: string }): string {
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  return `${quote(database)}.${quote(name)}`;
}

/** For the schema topic. */
export function changeValue(change: TableChange, withComments: boolean): object {
  const { table } = change;
  return {
    type: change.type,
    id: doubleQuoted(change),
    table:
      table === null
        ? null
        : {
            defaultCharsetName: table.charset,
            primaryKeyColumnNames: keyOf(table),
            columns: table.columns.map((column) => columnValue(column, withComments)),
            comment: withComments ? table.comment : null,
          },
  };
}

/** For the history: the same without what is absent. */
export function changeDocument(change: TableChange, withComments: boolean): object {
  const { previous, table } = change;
  return {
    type: change.type,
    id: doubleQuoted(change),
    ...(previous === undefined ? {} : { previousId: doubleQuoted(previous) }),
    ...(table === null
      ? {}
      : {
          table: {
            defaultCharsetName: table.charset,
            primaryKeyColumnNames: keyOf(table),
            columns: table.columns.map((column) => columnDocument(column, withComments)),
            attributes: [],
          },
          comment: withComments ? table.comment : null,
        }),
  };
}

function keyOf(table: Table): readonly string[] {
  return table.primaryKey.length > 0 ? table.primaryKey : table.uniqueKey;
}

function columnValue(
  column: CatalogColumn,
  withComments: boolean,
): Readonly<Record<string, unknown>> {
  const type = typeName(column);
  const hasLabels = column.labels.length > 0;
  // By the server itself; Debezium's parser does not tell the two apart.
  const isChanged = column.isAutoIncremented || column.hasMomentOnUpdate;
  return {
    name: column.name,
    jdbcType: JDBC_TYPES[column.type] ?? OTHER,
    nativeType: null,
    typeName: type,
    typeExpression: type,
    charsetName: column.charset,
    length: typeLength(column),
    scale: column.scale,
    position: column.position,
    optional: column.isOptional,
    autoIncremented: isChanged,
    generated: isChanged || column.isGenerated,
    comment: withComments ? column.comment : null,
    defaultValueExpression: toldDefault(column),
    enumValues: hasLabels ? column.labels.map(quoted) : null,
  };
}

function columnDocument(column: CatalogColumn, withComments: boolean): object {
  const { enumValues, ...rest } = columnValue(column, withComments);
  const hasDefault = column.defaultText !== null || (column.isOptional && !column.isGenerated);
  return {
    ...Object.fromEntries(
      Object.entries(rest).filter(
        ([key, value]) =>
          value !== null ||
          !['nativeType', 'length', 'scale', 'defaultValueExpression'].includes(key),
      ),
    ),
    hasDefaultValue: hasDefault,
    enumValues: enumValues ?? [],
  };
}

function quoted(label: string): string {
  return `'${label.replaceAll("'", "''")}'`;
}

const OTHER = 1111;

/** Numbers of java.sql.Types. */
const JDBC_TYPES: Readonly<Record<string, number>> = {
  tinyint: 5,
  smallint: 5,
  mediumint: 4,
  int: 4,
  bigint: -5,
  year: 4,
  bit: -7,
  float: 6,
  double: 8,
  decimal: 3,
  char: 1,
  varchar: 12,
  tinytext: 12,
  text: 12,
  mediumtext: 12,
  longtext: 12,
  binary: -2,
  varbinary: -3,
  tinyblob: 2004,
  blob: 2004,
  mediumblob: 2004,
  longblob: 2004,
  date: 91,
  time: 92,
  datetime: 93,
  timestamp: 2014,
  enum: 1,
  set: 1,
};

/** A change of the history, ours or Debezium's; undefined: it is not of this form. */
export function readChange(document: unknown): TableChange | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const type = textOf(document, 'type');
  const id = parseId(textOf(document, 'id') ?? '');
  if (id === undefined || (type !== 'CREATE' && type !== 'ALTER' && type !== 'DROP'))
    return undefined;
  const previous = parseId(textOf(document, 'previousId') ?? '');
  const table: unknown = Reflect.get(document, 'table');
  return {
    type,
    ...id,
    ...(previous === undefined ? {} : { previous }),
    table: typeof table === 'object' && table !== null ? tableOf(id, table) : null,
  };
}

function parseId(text: string): { readonly database: string; readonly name: string } | undefined {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"/g)].map((part) =>
    (part[1] ?? '').replaceAll('""', '"'),
  );
  const [database] = parts;
  const name = parts.at(-1);
  return database === undefined || name === undefined || parts.length < 2
    ? undefined
    : { database, name };
}

function tableOf(
  id: { readonly database: string; readonly name: string },
  document: object,
): Table {
  const columns: unknown = Reflect.get(document, 'columns');
  const key: unknown = Reflect.get(document, 'primaryKeyColumnNames');
  return {
    ...id,
    columns: Array.isArray(columns) ? columns.flatMap(columnOf) : [],
    primaryKey: Array.isArray(key) ? key.map(String) : [],
    uniqueKey: [],
    charset: textOf(document, 'defaultCharsetName') ?? null,
    comment: textOf(document, 'comment') ?? null,
    rowCountEstimate: 0,
  };
}

function columnOf(document: unknown): CatalogColumn[] {
  if (typeof document !== 'object' || document === null) return [];
  const name = textOf(document, 'name');
  const typeName = textOf(document, 'typeName');
  if (name === undefined || typeName === undefined) return [];
  const parsed = parseColumnType(typeName.toLowerCase());
  const labels: unknown = Reflect.get(document, 'enumValues');
  const length = numberOf(document, 'length') ?? null;
  const defaultText = textOf(document, 'defaultValueExpression') ?? null;
  return [
    {
      ...parsed,
      name,
      length: parsed.type === 'enum' || parsed.type === 'set' ? null : (length ?? parsed.length),
      scale: numberOf(document, 'scale') ?? parsed.scale,
      labels: Array.isArray(labels) ? labels.map((label) => unquoted(String(label))) : [],
      isUnsigned: /\b(?:unsigned|zerofill)\b/i.test(typeName),
      charset: textOf(document, 'charsetName') ?? null,
      isOptional: Reflect.get(document, 'optional') !== false,
      position: numberOf(document, 'position') ?? 0,
      typeText: typeName.toLowerCase(),
      defaultText,
      isDefaultExpression: /^(?:current_timestamp|now)\b/i.test(defaultText ?? ''),
      isAutoIncremented: Reflect.get(document, 'autoIncremented') === true,
      hasMomentOnUpdate: false,
      isGenerated:
        Reflect.get(document, 'generated') === true &&
        Reflect.get(document, 'autoIncremented') !== true,
      comment: textOf(document, 'comment') ?? null,
    },
  ];
}

function unquoted(label: string): string {
  return label.startsWith("'") && label.endsWith("'") && label.length > 1
    ? label.slice(1, -1).replaceAll("''", "'")
    : label;
}

function textOf(document: object, key: string): string | undefined {
  const value: unknown = Reflect.get(document, key);
  return typeof value === 'string' ? value : undefined;
}

function numberOf(document: object, key: string): number | undefined {
  const value: unknown = Reflect.get(document, key);
  return typeof value === 'number' ? value : undefined;
}
