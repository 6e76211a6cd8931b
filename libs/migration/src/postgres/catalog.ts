import type { Catalog, Table } from '../model/catalog.ts';
import { selects, type Selection } from '../model/selection.ts';
import { count, text, type Row, type Session } from '../server/session-api.ts';
import { readColumns } from './columns.ts';
import { listOf } from './grouping.ts';
import { readKeys, type TableKeys } from './keys.ts';
import { readLeftBehind } from './left-behind.ts';
import { readPartitions, type PartitionsOfTable } from './partitions.ts';
import { readPrerequisites } from './prerequisites.ts';
import { quoteTable } from './quote.ts';
import { readSequences } from './sequences.ts';

/** Below so many pages a table that was never analysed is counted. */
const COUNTED_PAGES_MAX = 20_000;

export async function readPostgresCatalog(
  session: Session,
  selection: Selection,
): Promise<Catalog> {
  const [server] = await session.query('SHOW server_version');
  const rows = (await session.query(TABLES)).filter((row) => selects(selection, nameOf(row)));
  const oids = rows.map((row) => text(row, 'oid'));
  const columns = await readColumns(session, oids);
  const keys = await readKeys(session, oids);
  const partitions = await readPartitions(session, rows);
  const tables: Table[] = [];
  for (const row of rows) {
    const oid = text(row, 'oid');
    tables.push({
      ...tableOf(row, columns.get(oid) ?? [], keys.get(oid), partitions.get(oid)),
      rowEstimate: await estimateOf(session, row),
    });
  }
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  return {
    family: 'postgres',
    product: 'postgres',
    version: text(server, 'server_version'),
    tables,
    prerequisites: await readPrerequisites(session, schemas, oids),
    sequences: await readSequences(session, schemas, tables, selection),
    leftBehind: await readLeftBehind(session, schemas, selection),
  };
}

const TABLES = `
  SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relreplident AS identity,
    c.reltuples::bigint AS rows, c.relpages AS pages, obj_description(c.oid, 'pg_class') AS comment,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY n.nspname, c.relname`;

function nameOf(row: Row): { readonly schema: string; readonly name: string } {
  return { schema: text(row, 'schema'), name: text(row, 'name') };
}

function tableOf(
  row: Row,
  columns: Table['columns'],
  keys: TableKeys | undefined,
  partitions: PartitionsOfTable | undefined,
): Table {
  const name = nameOf(row);
  const primaryKey = keys?.primaryKey ?? [];
  const isRequired = (column: string): boolean =>
    columns.some((each) => each.name === column && !each.isNullable);
  const unique = keys?.uniqueKeys.find((key) => key.columns.every(isRequired));
  const identityKey = keys?.identityKey;
  const identity = text(row, 'identity');
  const rowKey = primaryKey.length > 0 ? primaryKey : (identityKey ?? unique?.columns ?? []);
  return {
    ...name,
    columns,
    primaryKey,
    primaryKeyName: keys?.primaryKeyName ?? null,
    rowKey,
    indexes: keys?.indexes ?? [],
    foreignKeys: keys?.foreignKeys ?? [],
    checks: keys?.checks ?? [],
    comment: row['comment'] ?? null,
    rowEstimate: undefined,
    partitioning:
      row['partition_key'] == null
        ? null
        : { native: row['partition_key'], partitions: partitions?.partitions ?? [] },
    obstacle: obstacleOf(quoteTable(name), identity, primaryKey, unique),
    autoIncrement: null,
  };
}

/** Updates and deletes of a published table need a replica identity; and the sink a key to find the row by. */
function obstacleOf(
  table: string,
  identity: string,
  primaryKey: readonly string[],
  unique: TableKeys['uniqueKeys'][number] | undefined,
): Table['obstacle'] {
  if (identity === 'n')
    return {
      message: `${table} has REPLICA IDENTITY NOTHING, so that its updates and deletes can't be followed`,
      sql: [`ALTER TABLE ${table} REPLICA IDENTITY DEFAULT;`],
    };
  if (primaryKey.length > 0 || identity === 'i') return null;
  if (unique !== undefined)
    return identity === 'f'
      ? null
      : {
          message: `${table} has no primary key; its unique index can stand in for one`,
          sql: [`ALTER TABLE ${table} REPLICA IDENTITY USING INDEX ${listOf([unique.name])};`],
        };
  return {
    message: `${table} has no primary key, so that its rows can't be told from one another`,
    sql: [
      `ALTER TABLE ${table} ADD COLUMN migration_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;`,
    ],
  };
}

async function estimateOf(session: Session, row: Row): Promise<number | undefined> {
  const rows = count(row, 'rows');
  // A partitioned table has pages in its partitions alone.
  if (text(row, 'kind') === 'r' && rows > 0 && count(row, 'pages') > COUNTED_PAGES_MAX) return rows;
  const [size] = await session.query(
    `SELECT coalesce(sum(pg_relation_size(relid)), 0) / 8192 AS pages, coalesce(sum(c.reltuples), -1)::bigint AS rows
     FROM pg_partition_tree($1::oid::regclass) t JOIN pg_class c ON c.oid = t.relid`,
    [text(row, 'oid')],
  );
  const pages =
    text(row, 'kind') === 'p' ? count(size, 'pages') : await pagesOf(session, text(row, 'oid'));
  if (pages > COUNTED_PAGES_MAX) return rows > 0 ? rows : undefined;
  try {
    const [counted] = await session.query(
      `SELECT count(*) AS rows FROM ${text(row, 'kind') === 'r' ? 'ONLY ' : ''}${quoteTable(nameOf(row))}`,
    );
    return count(counted, 'rows');
  } catch {
    return rows > 0 ? rows : undefined; // the missing privilege is reported by the checks
  }
}

async function pagesOf(session: Session, oid: string): Promise<number> {
  const [size] = await session.query(`SELECT pg_relation_size($1::oid::regclass) / 8192 AS pages`, [
    oid,
  ]);
  return count(size, 'pages');
}
