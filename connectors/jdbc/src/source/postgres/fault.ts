import { MillraceError } from '@millrace/foundation';
import { sourceFault, sourceRetriable } from '../errors.ts';

/** By SQLSTATE, the longest match first: code and hint of what a person must mend. */
const FATAL: readonly (readonly [string, string, string])[] = [
  ['28', 'jdbc.login_refused', 'check connection.user, connection.password and pg_hba.conf'],
  ['3D000', 'jdbc.database_missing', 'mend the database in connection.url'],
  [
    '42501',
    'jdbc.privilege_missing',
    'GRANT SELECT ON the table, and USAGE ON its schema, TO the user',
  ],
  ['42P01', 'jdbc.table_missing', 'create the table, or leave it out by the lists of tables'],
  ['42703', 'jdbc.column_missing', 'mend the names of columns in the configuration or the query'],
  [
    '42883',
    'jdbc.type_mismatch',
    'the incrementing column must be a number, the timestamp columns times',
  ],
];
const PASSING = ['08', '40', '53', '55P03', '57', '58', '25P03', '25006', 'XX'];

/** What an error of the driver means; ours stay as they are. */
export function faultOf(error: unknown, doing: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const state: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const said = error instanceof Error ? error.message : String(error);
  const message = `${doing}: ${said === '' ? String(state) : said}`;
  const isServers = typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state);
  if (!isServers || PASSING.some((prefix) => state.startsWith(prefix)))
    return sourceRetriable(
      'jdbc.connection_lost',
      message,
      'is the server up and connection.url right? The source tries again by itself',
      error,
    );
  const known = FATAL.find(([prefix]) => state.startsWith(prefix));
  return sourceFault(
    known?.[1] ?? 'jdbc.query_refused',
    message,
    known?.[2] ?? 'mend the query, or the names in the configuration',
    error,
  );
}
