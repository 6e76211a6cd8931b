import type { ConfigProblem } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import { BatchWriter } from '../../write/batch-writer.ts';
import type { Database } from '../../write/session.ts';
import type { Dialect, DialectPorts } from '../dialect.ts';
import { MysqlConnection } from './connection.ts';
import { addColumnsSql, createTableSql, defaultLiteral } from './ddl.ts';
import { encoderFor } from './encode.ts';
import { loadForm } from './load-text.ts';
import { findColumn, fold, quoteName, tableName } from './names.ts';
import { MysqlSession } from './session.ts';
import { tlsWish, unusedProperties } from '../../../mysql-url-properties.ts';

const mysqlDatabase: Omit<Database, 'open'> = {
  encoderFor,
  rowForm: loadForm,
  quoteName,
  fold,
  findColumn,
  tableName,
  createTableSql,
  addColumnsSql,
  defaultLiteral,
  isDefinitionRace: ({ context }) => [1050, 1060].includes(Number(context['errno'])),
  isParentMissing: ({ context }) => [1216, 1452].includes(Number(context['errno'])),
};

/** MySQL 5.7 and newer, MariaDB 10.2 and newer. */
export const mysqlDialect: Dialect = {
  open: (ports) => {
    const unused = unusedProperties(ports.settings.url);
    if (unused.length > 0)
      ports.log.warn({ properties: unused }, 'properties of connection.url have no effect');
    return new BatchWriter({ ...mysqlDatabase, open: openTelling() }, ports);
  },
  check: checkMysql,
};

/** Says once for each task that new rows could cost the server less. */
function openTelling(): Database['open'] {
  let isTold = false;
  return async (ports, signal) => {
    const session = await MysqlSession.open(ports, signal);
    if (session.isLoadSwitchedOff && !isTold)
      ports.log.info(
        { hint: 'SET GLOBAL local_infile = 1' },
        'the server does not take LOAD DATA LOCAL, which would make new rows a third cheaper for it',
      );
    isTold = true;
    return session;
  };
}

async function checkMysql(
  ports: DialectPorts,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  try {
    tlsWish(ports.settings.url);
    const connection = await MysqlConnection.open(ports, signal);
    await connection.close();
    return [];
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return [{ key: 'connection.url', message: `${error.message}${hint}` }];
  }
}
