import type { Column, Table, TableName } from '../../write/table.ts';
import { columnType } from './column.ts';
import type { MysqlConnection, Row } from './connection.ts';
import { quoteName } from './names.ts';

const TABLE = `
  SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES
   WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? LIMIT 1`;

const UNSAFE_ENGINES = new Set([
  'myisam',
  'aria',
  'memory',
  'csv',
  'archive',
  'merge',
  'mrg_myisam',
]);

const COLUMNS = `
  SELECT COLUMN_NAME AS name, DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, IS_NULLABLE AS nullable,
         COLUMN_DEFAULT AS preset, EXTRA AS extra, CHARACTER_MAXIMUM_LENGTH AS length, NUMERIC_PRECISION AS digits,
         NUMERIC_SCALE AS scale, DATETIME_PRECISION AS fraction, COLLATION_NAME AS collation
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`;

const INDEXES = `
  SELECT INDEX_NAME AS name, COLUMN_NAME AS part, SUB_PART AS prefix
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0
   ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`;

const REFERENCES = `
  SELECT DISTINCT REFERENCED_TABLE_SCHEMA AS db, REFERENCED_TABLE_NAME AS name
    FROM information_schema.KEY_COLUMN_USAGE
   WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL`;

/** The table as it is now, or undefined. */
export async function readTable(
  connection: MysqlConnection,
  { schema, name }: TableName,
  signal: AbortSignal,
): Promise<Table | undefined> {
  const doing = `read the definition of table "${name}"`;
  const [found] = await connection.query(TABLE, doing, signal, [schema, name]);
  if (found === undefined) return undefined;
  const names = { schema: text(found, 'db'), name: text(found, 'name') };
  const place = [names.schema, names.name];
  const columns = await connection.query(COLUMNS, doing, signal, place);
  const indexes = uniqueIndexes(await connection.query(INDEXES, doing, signal, place));
  const references = await connection.query(REFERENCES, doing, signal, place);
  return {
    id: idOf(names.schema, names.name),
    ...names,
    sql: `${quoteName(names.schema)}.${quoteName(names.name)}`,
    columns: new Map(
      columns.map((row) => [text(row, 'name'), columnOf(row, connection.server.isMariadb)]),
    ),
    uniqueKeys: indexes.flatMap((index) => (index.columns === null ? [] : [index.columns])),
    hasOtherUnique: indexes.some((index) => index.columns === null),
    ...(typeof found['engine'] === 'string' ? { engine: found['engine'] } : {}),
    unsafeEngine: UNSAFE_ENGINES.has(text(found, 'engine').toLowerCase())
      ? text(found, 'engine')
      : null,
    references: references.map((row) => idOf(text(row, 'db'), text(row, 'name'))),
  };
}

function idOf(database: string, table: string): string {
  return `${database}\0${table}`;
}

/** Columns of unique indexes; null of one over expressions or the beginning of a text. */
function uniqueIndexes(rows: readonly Row[]): readonly { columns: string[] | null }[] {
  const indexes = new Map<string, { columns: string[] | null }>();
  for (const row of rows) {
    const name = text(row, 'name');
    const index = indexes.get(name) ?? { columns: [] };
    if (typeof row['part'] !== 'string' || row['prefix'] !== null) index.columns = null;
    else index.columns?.push(row['part']);
    indexes.set(name, index);
  }
  return [...indexes.values()];
}

function columnOf(row: Row, isMariadb: boolean): Column {
  const extra = text(row, 'extra').toLowerCase();
  return {
    name: text(row, 'name'),
    type: columnType({
      dataType: text(row, 'data_type').toLowerCase(),
      columnType: text(row, 'column_type'),
      characterLength: numberOf(row['length']),
      scale: numberOf(row['scale']),
      timePrecision: numberOf(row['fraction']),
      precision: numberOf(row['digits']),
      collation: typeof row['collation'] === 'string' ? row['collation'] : null,
      isMariadb,
    }),
    isRequired: row['nullable'] === 'NO',
    hasDefault: row['preset'] !== null || extra.includes('auto_increment'),
    // "DEFAULT_GENERATED" only says that the default is an expression.
    isGenerated: /(virtual|stored|persistent) generated|^(virtual|persistent)$/.test(extra),
  };
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function text(row: Row, name: string): string {
  return String(row[name]);
}
