import { escape } from 'mysql2';
import type { TableFilter } from '../session.ts';

const SYSTEM = ['mysql', 'information_schema', 'performance_schema', 'sys'];

export function tablesSql({ catalogPattern, types }: TableFilter, database: string): string {
  const kinds = types.flatMap((type) =>
    type === 'TABLE' ? ["'BASE TABLE'"] : type === 'VIEW' ? ["'VIEW'"] : [],
  );
  const catalog =
    catalogPattern !== null && catalogPattern !== ''
      ? `table_schema LIKE ${escape(catalogPattern)}`
      : database === ''
        ? 'true'
        : `table_schema = ${escape(database)}`;
  return `SELECT table_schema, table_name FROM information_schema.tables
   WHERE ${catalog} AND table_schema NOT IN (${SYSTEM.map((name) => escape(name)).join(', ')})
     AND table_type IN (${kinds.length === 0 ? "''" : kinds.join(', ')})
   ORDER BY 1, 2`;
}

/**
 * InnoDB's transactions that have written or are at it: one that has not yet takes its numbers and its time later,
 * since NOW() is the time of the statement. The server answers out of a cache that it renews only when nobody has read
 * it for 100 ms; whether the answer is of now tells our own transaction, in which this very statement is seen.
 */
export function openTransactionsSql(nonce: string): string {
  return `SELECT concat(trx_mysql_thread_id, ' ', trx_started), concat('connection ', trx_mysql_thread_id),
      trx_mysql_thread_id = connection_id(), coalesce(trx_query, '') LIKE '%${nonce}%'
    FROM information_schema.innodb_trx
   WHERE trx_mysql_thread_id = connection_id() OR trx_rows_modified > 0 OR trx_tables_in_use > 0`;
}
