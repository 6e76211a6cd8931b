import type { SourcePartition } from '@millrace/record';
import { mappedColumns } from './column-mapping.ts';
import type { ColumnInfo, ColumnKind } from './columns.ts';
import { sourceFault } from './errors.ts';
import { QUERY_PARTITION, tablePartitions } from './position.ts';
import { findColumn, type QueryShape } from './query.ts';
import { fullName, type SqlWords, type TableName } from './session.ts';
import { usesIncrementing, usesTimestamp, type Settings } from './settings.ts';

/** What is read: one table, or the query. */
export interface Subject {
  readonly table: TableName | null;
  /** For messages. */
  readonly name: string;
  readonly topic: string;
  /** Name of the schema of its values. */
  readonly schemaName: string | undefined;
  /** The current partition first, then older forms of it. */
  readonly partitions: readonly [SourcePartition, ...SourcePartition[]];
  /** A FROM item. */
  readonly from: string;
}

export function tableSubject(table: TableName, settings: Settings, words: SqlWords): Subject {
  const quote = (name: string): string => (settings.quotesIdentifiers ? words.quote(name) : name);
  const name = fullName(table);
  const [current, older] = tablePartitions(table);
  return {
    table,
    name: `table ${name}`,
    topic: settings.topicPrefix + table.name,
    schemaName: table.name,
    partitions: settings.mode === 'bulk' ? [older] : [current, older],
    from: [table.catalog, table.schema, table.name]
      .filter((part) => part !== null)
      .map(quote)
      .join('.'),
  };
}

export const querySubject = (query: string, settings: Settings): Subject => ({
  table: null,
  name: 'the query',
  topic: settings.topicPrefix,
  schemaName: undefined,
  partitions: [QUERY_PARTITION],
  from: `(${query}) AS q`,
});

const TIME_KINDS: readonly ColumnKind[] = ['timestamp', 'timestamp with zone', 'date'];
const NUMBER_KINDS: readonly ColumnKind[] = [
  'int8',
  'int16',
  'int32',
  'int64',
  'numeric',
  'decimal',
];

/**
 * By which columns the subject is read.
 * @throws MillraceError when they are missing, of the wrong type, or may be null
 */
export function shapeOf(
  subject: Subject,
  columns: readonly ColumnInfo[],
  settings: Settings,
): QueryShape {
  const timestamps = usesTimestamp(settings)
    ? timestampNames(subject, settings).map((name) => findColumn(columns, name, subject.name))
    : [];
  const incrementing = usesIncrementing(settings)
    ? incrementingColumn(subject, columns, settings)
    : null;
  checkKinds(subject, timestamps, incrementing);
  if (settings.mustNotBeNull && subject.table !== null)
    checkNulls(subject, timestamps, incrementing);
  const { values, querySuffix } = settings;
  return { from: subject.from, incrementing, timestamps, zone: values.zone, suffix: querySuffix };
}

function timestampNames({ table }: Subject, settings: Settings): readonly string[] {
  const { timestampColumns, timestampColumnsByTable } = settings;
  if (timestampColumnsByTable.length === 0 || table === null) return timestampColumns;
  return mappedColumns(timestampColumnsByTable, fullName(table), 'timestamp.columns.mapping');
}

function incrementingColumn(
  { table, name }: Subject,
  columns: readonly ColumnInfo[],
  settings: Settings,
): ColumnInfo {
  const { incrementingColumn: given, incrementingColumns: mappings } = settings;
  if (mappings.length > 0 && table !== null) {
    const [mapped = ''] = mappedColumns(mappings, fullName(table), 'incrementing.column.mapping');
    return findColumn(columns, mapped, name);
  }
  if (given !== '') return findColumn(columns, given, name);
  const growing = columns.find(({ isAutoIncrement }) => isAutoIncrement);
  if (growing !== undefined) return growing;
  throw sourceFault(
    'jdbc.column_missing',
    `${name} has no auto-increment or identity column`,
    'name the column whose numbers only grow in incrementing.column.name',
  );
}

function checkKinds(
  { name }: Subject,
  timestamps: readonly ColumnInfo[],
  incrementing: ColumnInfo | null,
): void {
  const [first] = timestamps;
  for (const column of timestamps) {
    if (!TIME_KINDS.includes(column.kind))
      throw sourceFault(
        'jdbc.type_mismatch',
        `the column "${column.name}" of ${name} is of the type ${column.type}, which is no timestamp`,
        'name a column of a timestamp or date type, or cast it in a query',
      );
    if (column.kind !== first?.kind)
      throw sourceFault(
        'jdbc.type_mismatch',
        `the columns "${first?.name}" and "${column.name}" of ${name} are of different types`,
        'timestamp columns that stand in for each other need one type: cast them in a query',
      );
  }
  if (
    incrementing !== null &&
    (!NUMBER_KINDS.includes(incrementing.kind) || incrementing.scale > 0)
  )
    throw sourceFault(
      'jdbc.type_mismatch',
      `the column "${incrementing.name}" of ${name} is of the type ${incrementing.type}, which is no whole number`,
      'name a column of an integer type',
    );
}

function checkNulls(
  { name }: Subject,
  timestamps: readonly ColumnInfo[],
  incrementing: ColumnInfo | null,
): void {
  if (incrementing?.isOptional === true)
    throw sourceFault(
      'jdbc.column_nullable',
      `the incrementing column "${incrementing.name}" of ${name} may be null, and such rows would never be read`,
      'make it NOT NULL, or set validate.non.null=false',
    );
  if (timestamps.length > 0 && timestamps.every(({ isOptional }) => isOptional))
    throw sourceFault(
      'jdbc.column_nullable',
      `the timestamp columns of ${name} may all be null, and such rows would never be read`,
      'make one of them NOT NULL, or set validate.non.null=false',
    );
}
