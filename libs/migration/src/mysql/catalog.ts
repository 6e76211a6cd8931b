import type { Catalog, LeftBehind, Table } from '../model/catalog.ts';
import { selects, type Selection } from '../model/selection.ts';
import { productOf } from '../server/product.ts';
import { count, text, type Row, type Session } from '../server/session-api.ts';
import { mysqlColumn } from './columns.ts';
import { readMysqlKeys, type MysqlKeys } from './keys.ts';
import { readMysqlLeftBehind } from './left-behind.ts';
import { quoteName, quoteTable, quoteText } from './quote.ts';

/** Tables of more bytes are estimated, not counted. */
const COUNTED_BYTES_MAX = 160 * 1024 * 1024;

/** Without named schemas the database of the URL. */
export async function readMysqlCatalog(session: Session, selection: Selection): Promise<Catalog> {
  const { product, version } = await productOf(session);
  const isMariadb = product === 'mariadb';
  // Otherwise MySQL answers from a cache of yesterday.
  if (!isMariadb) await session.query('SET information_schema_stats_expiry = 0');
  const schemas = selection.schemas.length > 0 ? selection.schemas : [session.endpoint.database];
  const list = schemas.map(quoteText).join(', ');
  const rows = await session.query(
    `SELECT t.table_schema, t.table_name, t.table_type, t.engine, t.table_rows, t.data_length, t.auto_increment,
       t.table_collation, t.table_comment, t.create_options
     FROM information_schema.tables t WHERE t.table_schema IN (${list}) ORDER BY t.table_schema, t.table_name`,
  );
  const chosen = rows.filter(
    (row) =>
      ['BASE TABLE', 'SYSTEM VERSIONED'].includes(text(row, 'table_type')) &&
      selects(selection, nameOf(row)),
  );
  const columns = await session.query(
    `SELECT * FROM information_schema.columns WHERE table_schema IN (${list}) ORDER BY table_schema, table_name, ordinal_position`,
  );
  const keys = await readMysqlKeys(session, list, isMariadb);
  const tables: Table[] = [];
  const leftBehind: LeftBehind[] = [...(await readMysqlLeftBehind(session, list, rows, selection))];
  for (const row of chosen) {
    const own = columns.filter((column) => isOf(column, row));
    tables.push({
      ...tableOf(row, own, keys(nameOf(row)), isMariadb),
      rowEstimate: await estimateOf(session, row),
    });
    if (/partitioned/i.test(text(row, 'create_options')))
      leftBehind.push({
        kind: 'partitioning',
        name: `${text(row, 'table_schema')}.${text(row, 'table_name')}`,
        why: 'it becomes one table',
      });
  }
  return {
    family: 'mysql',
    product,
    version,
    tables,
    prerequisites: [],
    sequences: [],
    leftBehind,
  };
}

function nameOf(row: Row): { readonly schema: string; readonly name: string } {
  return { schema: text(row, 'table_schema'), name: text(row, 'table_name') };
}

function isOf(row: Row, table: Row): boolean {
  return row['table_schema'] === table['table_schema'] && row['table_name'] === table['table_name'];
}

function tableOf(row: Row, columnRows: readonly Row[], keys: MysqlKeys, isMariadb: boolean): Table {
  const name = nameOf(row);
  const columns = columnRows.map((column) =>
    mysqlColumn(column, {
      isMariadb,
      jsonColumns: keys.jsonColumns,
      tableCollation: text(row, 'table_collation'),
    }),
  );
  const isRequired = (column: string): boolean =>
    columns.some((each) => each.name === column && !each.isNullable);
  const unique = keys.indexes.find(
    (index) =>
      index.isUnique &&
      index.columns?.every((column) => column.prefix === undefined && isRequired(column.name)) ===
        true,
  );
  const rowKey =
    keys.primaryKey.length > 0 ? keys.primaryKey : (unique?.columns ?? []).map((each) => each.name);
  return {
    ...name,
    columns,
    primaryKey: keys.primaryKey,
    primaryKeyName: null,
    rowKey,
    indexes: keys.indexes,
    foreignKeys: keys.foreignKeys,
    checks: keys.checks,
    comment: text(row, 'table_comment') === '' ? null : text(row, 'table_comment'),
    rowEstimate: undefined,
    partitioning: null,
    obstacle:
      rowKey.length > 0
        ? null
        : {
            message: `${quoteTable(name)} has no primary key, so that its rows can't be told from one another`,
            sql: [
              `ALTER TABLE ${quoteTable(name)} ADD COLUMN ${quoteName('migration_id')} bigint NOT NULL AUTO_INCREMENT PRIMARY KEY;`,
            ],
          },
    autoIncrement: row['auto_increment'] ?? null,
    collation: row['table_collation'] ?? null,
  };
}

async function estimateOf(session: Session, row: Row): Promise<number | undefined> {
  if (count(row, 'data_length') > COUNTED_BYTES_MAX) return count(row, 'table_rows');
  try {
    const [counted] = await session.query(`SELECT count(*) AS n FROM ${quoteTable(nameOf(row))}`);
    return count(counted, 'n');
  } catch {
    return count(row, 'table_rows'); // the missing privilege is reported by the checks
  }
}
