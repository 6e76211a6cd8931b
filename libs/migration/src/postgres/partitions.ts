import type { Partitioning } from '../model/catalog.ts';
import { text, type Row, type Session } from '../server/session-api.ts';

export interface PartitionsOfTable {
  readonly partitions: Partitioning['partitions'];
}

/** Of each partitioned table, parents before children. */
export async function readPartitions(
  session: Session,
  tables: readonly Row[],
): Promise<ReadonlyMap<string, PartitionsOfTable>> {
  const found = new Map<string, PartitionsOfTable>();
  for (const table of tables) {
    if (text(table, 'kind') !== 'p') continue;
    const oid = text(table, 'oid');
    const rows = await session.query(PARTITIONS, [oid]);
    found.set(oid, { partitions: rows.map(partitionOf) });
  }
  return found;
}

const PARTITIONS = `
  SELECT n.nspname AS schema, c.relname AS name, pn.nspname AS parent_schema, p.relname AS parent_name,
    pg_get_expr(c.relpartbound, c.oid) AS bound,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key
  FROM pg_partition_tree($1::oid::regclass) t
    JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class p ON p.oid = t.parentrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
  WHERE t.level > 0 AND c.relkind IN ('r', 'p') ORDER BY t.level, n.nspname, c.relname`;

function partitionOf(row: Row): Partitioning['partitions'][number] {
  return {
    table: { schema: text(row, 'schema'), name: text(row, 'name') },
    parent: { schema: text(row, 'parent_schema'), name: text(row, 'parent_name') },
    bound: text(row, 'bound'),
    native: row['partition_key'] ?? null,
  };
}
