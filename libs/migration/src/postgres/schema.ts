import {
  sameTable,
  shownTable,
  type Catalog,
  type Column,
  type LeftBehind,
  type Table,
  type TableName,
} from '../model/catalog.ts';
import type {
  ColumnPair,
  SchemaOptions,
  SchemaPlan,
  Statement,
  TablePair,
} from '../schema/schema-plan.ts';
import { columnSql, enumTypeSql } from './column-sql.ts';
import { constraintsAtEnd, indexStatements, isRowKey } from './index-sql.ts';
import { withSchemasMoved } from './moved-schemas.ts';
import { quoteName, quoteNames, quoteTable, quoteText } from './quote.ts';
import { TargetNames } from './target-names.ts';
import { postgresTypeFor } from './translate-type.ts';

/** A PostgreSQL target for whatever the source is. */
export function planPostgresSchema(read: Catalog, options: SchemaOptions): SchemaPlan {
  const catalog = read.family === 'postgres' ? withSchemasMoved(read, options.rename) : read;
  const notCarried: LeftBehind[] = [...catalog.leftBehind];
  const nameOf = ({ schema, name }: TableName): TableName => ({
    schema: options.rename(schema),
    name,
  });
  const names = new TargetNames(catalog.tables.map(nameOf));
  const pairs = catalog.tables.map((table): TablePair => {
    const target = nameOf(table);
    const columns = pairColumns({ table, target, catalog, names, notCarried });
    return { source: table, target, columns };
  });
  const schemas = [...new Set(pairs.map(({ target }) => target.schema))].map(
    (schema): Statement => ({
      about: `schema ${schema}`,
      sql: `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`,
      unless: { kind: 'schema', table: { schema, name: '' }, name: schema },
    }),
  );
  const tables = pairs.flatMap((pair) => tableStatements(pair, catalog, names));
  const indexes = pairs.map((pair) => indexStatements(pair, catalog.family, names, notCarried));
  return {
    pairs,
    first: [
      ...schemas,
      ...prerequisites(catalog, schemas),
      ...sequences(catalog, nameOf),
      ...tables,
      ...owners(catalog, nameOf),
    ],
    afterCopy: indexes.flatMap(({ plain }) => plain),
    atEnd: [
      ...indexes.flatMap(({ unique }) => unique),
      ...pairs.flatMap((pair) => constraintsAtEnd(pair, pairs, catalog.family, notCarried)),
      ...pairs.flatMap(identities),
    ],
    notCarried,
    columnSql: ({ source }, column) => columnSql(column, source, catalog),
  };
}

interface ColumnOptions {
  readonly table: Table;
  readonly target: TableName;
  readonly catalog: Catalog;
  readonly names: TargetNames;
  readonly notCarried: LeftBehind[];
}

function pairColumns({
  table,
  target,
  catalog: { family, product },
  names,
  notCarried,
}: ColumnOptions): readonly ColumnPair[] {
  const isNative = family === 'postgres';
  return table.columns.map((column) => {
    if (isNative) return { column, targetType: column.nativeType };
    const { sql: usual, note } = postgresTypeFor(column.type);
    // MariaDB's JSON is a text with a check, and so it comes.
    const isText = product === 'mariadb' && column.type.kind === 'json';
    const sql = isNumber(column, table) ? 'bigint' : isText ? 'text' : usual;
    const name = `${shownTable(table)}.${column.name}`;
    if (note !== undefined)
      notCarried.push({ kind: 'type', name: `${name} ${column.nativeType}`, why: note });
    if (isText)
      notCarried.push({
        kind: 'type',
        name: `${name} json`,
        why: `it becomes text, as MariaDB keeps it; after the cut-over: ALTER TABLE ${quoteTable(target)} ALTER COLUMN ${quoteName(column.name)} TYPE jsonb USING ${quoteName(column.name)}::jsonb`,
      });
    if (column.generated !== null)
      notCarried.push({
        kind: 'generated column',
        name,
        why: 'it becomes an ordinary column with the values of the source',
      });
    if (column.default?.kind === 'expression')
      notCarried.push({
        kind: 'default',
        name: `${name} ${column.nativeDefault ?? ''}`,
        why: 'the expression is not translated',
      });
    if (column.default?.kind === 'now' && column.default.onUpdate)
      notCarried.push({
        kind: 'default',
        name: `${name} ON UPDATE`,
        why: 'PostgreSQL has triggers for it',
      });
    return {
      column,
      targetType: column.type.kind === 'enum' ? enumType(target, column, names) : sql,
    };
  });
}

function enumType(target: TableName, column: Column, names: TargetNames): string {
  const { schema } = target;
  return quoteTable({ schema, name: names.give(schema, `${target.name}_${column.name}`) });
}

/** Numbers that are counted up, and references to them: nobody counts beyond 2^63, and identities are no numeric. */
function isNumber({ name, type, identity }: Column, table: Table): boolean {
  if (type.kind !== 'integer' || type.bits !== 64) return false;
  return identity !== null || table.foreignKeys.some(({ columns }) => columns.includes(name));
}

function prerequisites(catalog: Catalog, schemas: readonly Statement[]): readonly Statement[] {
  if (catalog.family !== 'postgres') return [];
  const there = new Set(schemas.map(({ sql }) => sql));
  return catalog.prerequisites
    .filter(({ sql }) => !there.has(sql))
    .map(({ kind, name, sql }) => ({
      about: `${kind} ${name}`,
      sql,
      ...(kind === 'type'
        ? {}
        : { unless: { kind, table: { schema: kind === 'schema' ? name : '', name: '' }, name } }),
    }));
}

/** Those of identity columns come with the columns. */
function sequences(catalog: Catalog, nameOf: (name: TableName) => TableName): readonly Statement[] {
  return catalog.sequences
    .filter(({ isIdentity }) => !isIdentity)
    .map((sequence) => ({
      about: `sequence ${shownTable(sequence)}`,
      sql: `CREATE SEQUENCE IF NOT EXISTS ${quoteTable(nameOf(sequence))} ${sequence.options}`,
    }));
}

function owners(catalog: Catalog, nameOf: (name: TableName) => TableName): readonly Statement[] {
  return catalog.sequences.flatMap((sequence) =>
    sequence.owner === null || sequence.isIdentity
      ? []
      : [
          {
            about: `owner of sequence ${shownTable(sequence)}`,
            sql: `ALTER SEQUENCE ${quoteTable(nameOf(sequence))} OWNED BY ${quoteTable(nameOf(sequence.owner.table))}.${quoteName(sequence.owner.column)}`,
          },
        ],
  );
}

function tableStatements(
  pair: TablePair,
  catalog: Catalog,
  names: TargetNames,
): readonly Statement[] {
  const { source, target, columns } = pair;
  const isNative = catalog.family === 'postgres';
  const key = source.primaryKey.length > 0 ? source.primaryKey : source.rowKey;
  const lines = columns.map((each) => columnSql(each, source, catalog));
  const keyName = key.length > 0 ? keyNameOf(pair, isNative, names) : '';
  if (key.length > 0) {
    const name = `CONSTRAINT ${quoteName(keyName)} `;
    const kind = source.primaryKey.length > 0 ? 'PRIMARY KEY' : 'UNIQUE';
    lines.push(`${name}${kind} (${quoteNames(key)})`);
  }
  const partitioning = isNative ? source.partitioning : null;
  const by = partitioning === null ? '' : ` PARTITION BY ${partitioning.native}`;
  const enums: readonly Statement[] = isNative
    ? []
    : columns.flatMap(({ column, targetType }) =>
        column.type.kind === 'enum'
          ? [
              {
                about: `type of ${column.name}`,
                sql: enumTypeSql(targetType, column.type.labels),
              },
            ]
          : [],
      );
  const about = `table ${shownTable(target)}`;
  // Changes of the target may be followed later, for the way back.
  const identity =
    key.length > 0 && source.primaryKey.length === 0 && partitioning === null
      ? [
          {
            about: `replica identity of ${shownTable(target)}`,
            sql: `ALTER TABLE ${quoteTable(target)} REPLICA IDENTITY USING INDEX ${quoteName(keyName)}`,
          },
        ]
      : [];
  return [
    ...enums,
    {
      about,
      sql: `CREATE TABLE IF NOT EXISTS ${quoteTable(target)} (\n  ${lines.join(',\n  ')}\n)${by}`,
    },
    ...(partitioning?.partitions ?? []).map((partition) => ({
      about: `partition ${shownTable(partition.table)}`,
      sql: partitionSql(partition, pair),
      unless: { kind: 'table' as const, table: movedName(partition.table, pair), name: '' },
    })),
    ...identity,
    ...comments(pair),
  ];
}

/** As at the source, where names are the schema's; else made of the table's. */
function keyNameOf(pair: TablePair, isNative: boolean, names: TargetNames): string {
  const { source, target } = pair;
  const given =
    source.primaryKeyName ?? source.indexes.find((index) => isRowKey(index, pair))?.name;
  return isNative && given !== undefined ? given : names.give(target.schema, `${target.name}_key`);
}

type Partition = NonNullable<Table['partitioning']>['partitions'][number];

function movedName(name: TableName, { source, target }: TablePair): TableName {
  return sameTable(name, source)
    ? target
    : { schema: name.schema === source.schema ? target.schema : name.schema, name: name.name };
}

function partitionSql(partition: Partition, pair: TablePair): string {
  const moved = (name: TableName): TableName => movedName(name, pair);
  const by = partition.native === null ? '' : ` PARTITION BY ${partition.native}`;
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(moved(partition.table))} PARTITION OF ${quoteTable(moved(partition.parent))} ${partition.bound}${by}`;
}

function comments({ source, target, columns }: TablePair): readonly Statement[] {
  const statements: Statement[] = [];
  const about = `comments of ${shownTable(target)}`;
  if (source.comment !== null)
    statements.push({
      about,
      sql: `COMMENT ON TABLE ${quoteTable(target)} IS ${quoteText(source.comment)}`,
    });
  for (const { column } of columns)
    if (column.comment !== null)
      statements.push({
        about,
        sql: `COMMENT ON COLUMN ${quoteTable(target)}.${quoteName(column.name)} IS ${quoteText(column.comment)}`,
      });
  return statements;
}

/** Rows bring their own numbers while they are copied; only then is the column as strict as at the source. */
function identities({ source, target }: TablePair): readonly Statement[] {
  return source.columns
    .filter(({ identity }: Column) => identity === 'always')
    .map(({ name }) => ({
      about: `identity ${shownTable(target)}.${name}`,
      sql: `ALTER TABLE ${quoteTable(target)} ALTER COLUMN ${quoteName(name)} SET GENERATED ALWAYS`,
    }));
}
