import { MillraceError } from '@millrace/foundation';
import { sourceFault, sourceRetriable } from '../errors.ts';

/** What a person must mend, by the server's error number: code and hint. */
const FATAL: Readonly<Record<number, readonly [string, string]>> = {
  1044: ['jdbc.privilege_missing', 'GRANT SELECT ON the database TO the user'],
  1045: ['jdbc.login_refused', 'check connection.user and connection.password'],
  1046: ['jdbc.database_missing', 'name the database in connection.url'],
  1049: ['jdbc.database_missing', 'mend the database in connection.url'],
  1054: ['jdbc.column_missing', 'mend the names of columns in the configuration or the query'],
  1060: ['jdbc.query_refused', 'two columns of the query have one name: give one an alias'],
  1142: ['jdbc.privilege_missing', 'GRANT SELECT ON the table TO the user'],
  1143: ['jdbc.privilege_missing', 'GRANT SELECT ON the table TO the user'],
  1146: ['jdbc.table_missing', 'create the table, or leave it out by the lists of tables'],
  1251: [
    'jdbc.login_refused',
    'the plugin of the user is not supported: use caching_sha2_password or mysql_native_password',
  ],
  1698: ['jdbc.login_refused', 'the user may not log in with a password'],
  3159: ['jdbc.login_refused', 'the server wants TLS: add sslMode=REQUIRED to connection.url'],
};
/** Too many connections, shutdown, lock waits, deadlocks, killed, resources. */
const PASSING = [
  1040, 1053, 1077, 1078, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1290, 1317,
  1836, 1927, 1969, 3024, 3168, 4031,
];

export const PROCESS_MISSING = 1227;

/** What an error of the driver means; ours stay as they are. */
export function faultOf(error: unknown, doing: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const number = errnoOf(error);
  const message = `${doing}: ${error instanceof Error && error.message !== '' ? error.message : String(error)}`;
  if (number === undefined || PASSING.includes(number))
    return sourceRetriable(
      'jdbc.connection_lost',
      message,
      'is the server up and connection.url right? The source tries again by itself',
      error,
    );
  const known = FATAL[number];
  return sourceFault(
    known?.[0] ?? 'jdbc.query_refused',
    message,
    known?.[1] ?? 'mend the query, or the names in the configuration',
    error,
  );
}

/** The server's error number; undefined for what did not come from the server. */
export function errnoOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const number: unknown = Reflect.get(error, 'errno');
  return typeof number === 'number' && number >= 1000 && 'sqlState' in error ? number : undefined;
}
