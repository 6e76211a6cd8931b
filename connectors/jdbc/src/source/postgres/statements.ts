import pg from 'pg';
import type { TableFilter, TransactionScope } from '../session.ts';

/** JDBC's table types, by `relkind`; a partition is read through its parent. */
const KINDS: Readonly<Record<string, string>> = {
  TABLE: `c.relkind = 'r' AND NOT c.relispartition OR c.relkind = 'p'`,
  'PARTITIONED TABLE': `c.relkind = 'p'`,
  VIEW: `c.relkind = 'v'`,
  'MATERIALIZED VIEW': `c.relkind = 'm'`,
  'FOREIGN TABLE': `c.relkind = 'f'`,
};

export function tablesSql({ schemaPattern, types }: TableFilter): string {
  const kinds = types.flatMap((type) => KINDS[type] ?? []).map((kind) => `(${kind})`);
  const schema =
    schemaPattern === null || schemaPattern === ''
      ? ''
      : `AND n.nspname LIKE ${pg.escapeLiteral(schemaPattern)}`;
  return `SELECT n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE (${kinds.length === 0 ? 'false' : kinds.join(' OR ')}) ${schema}
     AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
     AND has_table_privilege(c.oid, 'SELECT')
   ORDER BY 1, 2`;
}

/** Everybody may read `pg_locks`: a transaction holds its own virtual id, and what it writes to, until it ends. */
export function openTransactionsSql(scope: TransactionScope): string {
  const ours = `l.pid IS DISTINCT FROM pg_backend_pid()`;
  const who = `coalesce('pid ' || l.pid || ' of ' || coalesce(a.usename, '?'), 'a prepared transaction')`;
  if (scope !== 'all') {
    const { schema, name } = scope.writersOf;
    const table = pg.escapeLiteral(
      `${pg.escapeIdentifier(schema ?? 'public')}.${pg.escapeIdentifier(name)}`,
    );
    return `SELECT DISTINCT l.virtualtransaction, ${who}
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'relation' AND ${ours}
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.relation IN (SELECT ${table}::regclass::oid UNION SELECT relid FROM pg_partition_tree(${table}::regclass))
       AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;
  }
  return `SELECT l.virtualtransaction, ${who}
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'virtualxid' AND ${ours} AND a.usesysid IS NOT NULL
       AND a.datname = current_database()
     UNION ALL
    SELECT 'prepared ' || transaction, 'the prepared transaction ' || gid
      FROM pg_prepared_xacts WHERE database = current_database()`;
}
