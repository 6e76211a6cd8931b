import type { ConfigProblem } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { BatchWriter } from '../../write/batch-writer.ts';
import type { Database } from '../../write/session.ts';
import type { Dialect, DialectPorts } from '../dialect.ts';
import { sslModeOf } from '../../../postgres-tls.ts';
import { PostgresConnection } from './connection.ts';
import { copyForm } from './copy-form.ts';
import { addColumnsSql, createTableSql, defaultLiteral, quoteName } from './ddl.ts';
import { encoderFor } from '../../values/semantic-text.ts';
import { findColumn, fold, tableName } from './names.ts';
import { PostgresSession } from './session.ts';

const postgresDatabase: Database = {
  open: (ports, signal) => PostgresSession.open(ports, signal),
  encoderFor,
  rowForm: copyForm,
  quoteName,
  fold,
  findColumn,
  tableName,
  createTableSql,
  addColumnsSql,
  defaultLiteral,
  isDefinitionRace: ({ context }) =>
    ['42P07', '42701', '42710', '23505'].includes(String(context['sqlState'])),
  isParentMissing: ({ context }) => context['sqlState'] === '23503',
};

export const postgresDialect: Dialect = {
  open: (ports) => new BatchWriter(postgresDatabase, ports),
  check: checkPostgres,
};

async function checkPostgres(
  ports: DialectPorts,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  try {
    sslModeOf(ports.settings.url);
    const connection = await PostgresConnection.open(ports, signal);
    await connection.close();
    return [];
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return [{ key: 'connection.url', message: `${error.message}${hint}` }];
  }
}
