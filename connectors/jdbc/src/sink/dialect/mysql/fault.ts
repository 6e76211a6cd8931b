import { MillraceError, type Retry } from '@millrace/foundation';
import { TargetError, type FaultScope } from '../../../errors.ts';

interface Verdict {
  readonly retry: Retry;
  readonly scope: FaultScope;
  readonly code: string;
  readonly hint?: string;
}

const RETRY: Omit<Verdict, 'code'> = { retry: 'retriable', scope: 'batch' };
const RECORD: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'record' };
const STALE: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'stale' };
const FATAL: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'batch' };

const LOST: Verdict = { ...RETRY, code: 'jdbc.connection_lost' };
const BUSY: Verdict = { ...RETRY, code: 'jdbc.server_out_of_resources' };
const FULL: Verdict = {
  ...RETRY,
  code: 'jdbc.server_out_of_resources',
  hint: 'the disk or the table space of the target is full; the sink goes on when there is room again',
};
const READ_ONLY: Verdict = {
  ...RETRY,
  code: 'jdbc.server_read_only',
  hint: 'the server is a replica or read only: connection.url must name the primary',
};
const LOGIN: Verdict = {
  ...FATAL,
  code: 'jdbc.login_refused',
  hint: 'check user and password, and from which hosts the user may come',
};
const PRIVILEGE: Verdict = {
  ...FATAL,
  code: 'jdbc.privilege_missing',
  hint: 'GRANT SELECT, INSERT, UPDATE, DELETE ON the database.* TO the user (CREATE, ALTER to create tables, DROP to truncate)',
};
const CONSTRAINT: Verdict = { ...RECORD, code: 'jdbc.constraint_violated' };
const PARENT: Verdict = {
  ...CONSTRAINT,
  hint: 'topics are delivered side by side, so a row may come before the one that it refers to: drop the foreign key in the target, or replay the record later',
};
const DUPLICATE: Verdict = {
  ...CONSTRAINT,
  hint: 'the row is there already: use insert.mode=upsert with a primary key, or drop the other unique index',
};
const OTHER_UNIQUE: Verdict = {
  ...CONSTRAINT,
  hint: 'another row has one of its values of a unique index, or a key that differs by letter case or accents alone: drop the index, or give the column a collation that tells them apart',
};
const NULL: Verdict = {
  ...CONSTRAINT,
  hint: 'the column needs a value: ALTER TABLE … MODIFY it to be nullable, or give it a default',
};
const VALUE: Verdict = {
  ...RECORD,
  code: 'jdbc.value_refused',
  hint: 'mend the value by a transform, or change the type of the column',
};
const ROW_SIZE: Verdict = { ...RECORD, code: 'jdbc.row_too_large' };
const DEFINITION: Verdict = {
  ...RECORD,
  code: 'jdbc.definition_refused',
  hint: 'create the table or the column yourself, in a form that the server takes',
};

const entries = (verdict: Verdict, ...numbers: readonly number[]): [number, Verdict][] =>
  numbers.map((number) => [number, verdict]);

/** By the number of the error, as MySQL and MariaDB have it. */
const BY_NUMBER: ReadonlyMap<number, Verdict> = new Map([
  // deadlock, lock wait time-out, row changed under snapshot isolation, table definition changed, nowait
  ...entries(
    { ...RETRY, code: 'jdbc.transaction_conflict' },
    1205,
    1213,
    1020,
    1412,
    3572,
    1614,
    1180,
  ),
  ...entries(BUSY, 1040, 1203, 1226, 1041, 1037, 1038, 1206, 1135, 1637),
  ...entries(FULL, 1021, 1114, 3, 1016, 1030, 1026, 14, 28),
  ...entries(LOST, 1053, 1077, 1078, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031, 2006),
  ...entries({ ...RETRY, code: 'jdbc.server_interrupted' }, 1317, 3024, 1969, 3169),
  ...entries(READ_ONLY, 1290, 1836, 1792, 3989),
  ...entries(LOGIN, 1045, 1698, 1130, 1251, 1275, 1524, 1820, 1862, 3118, 3955, 4151, 1873),
  ...entries(PRIVILEGE, 1044, 1142, 1143, 1227, 1370, 1419, 3619),
  ...entries(
    { ...FATAL, code: 'jdbc.database_missing', hint: 'CREATE DATABASE it, or mend the name' },
    1049,
  ),
  ...entries({ ...STALE, code: 'jdbc.table_missing' }, 1146, 1932),
  ...entries({ ...STALE, code: 'jdbc.column_missing' }, 1054, 1136),
  ...entries({ ...STALE, code: 'jdbc.column_generated' }, 1906, 3105),
  ...entries(DUPLICATE, 1062, 1022, 1169, 1586, 1859),
  ...entries(OTHER_UNIQUE, 1242),
  ...entries(PARENT, 1216, 1452, 1217, 1451),
  ...entries(NULL, 1048, 1364, 1263, 1566),
  ...entries(CONSTRAINT, 3819, 4025, 1369, 1761, 1762, 1748, 1526, 1591),
  ...entries(VALUE, 1264, 1265, 1292, 1300, 1366, 1367, 1406, 1411, 1416, 1441, 1525, 1690, 3037),
  ...entries(VALUE, 3140, 3141, 3143, 3144, 3145, 3146, 3156, 3157, 3548, 3617, 3643, 3732, 6138),
  ...entries(VALUE, 4037, 4038, 4039, 4040, 4041, 4078, 4079, 1210, 1105, 6136, 1365, 1267),
  ...entries(ROW_SIZE, 1118, 1153, 139, 1301),
  ...entries(
    { ...RECORD, code: 'jdbc.row_refused', hint: 'a trigger of the target raised this' },
    1644,
  ),
  ...entries(DEFINITION, 1071, 1074, 1067, 1101, 1113, 1163, 1170, 1171, 1291, 1294, 1426, 1425),
  ...entries(DEFINITION, 1439, 1059, 1064, 1103, 1166, 3750, 1117, 3770, 3775, 4161, 1060, 1050),
]);

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HANDSHAKE_)/;
const CUT = /ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|socket|closed|disconnected/i;

const SERVER_ERROR: Verdict = { ...FATAL, code: 'jdbc.statement_failed' };

/** Whatever the driver throws, classified by number. Aborts are handled before. */
export function faultOf(error: unknown, doing: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const number = fieldOf(error, 'errno');
  const code = fieldOf(error, 'code');
  const message = error instanceof Error ? error.message : String(error);
  // The numbers of the server are beside an SQLSTATE; those of sockets are negative and have none.
  if (typeof number === 'number' && number > 0 && fieldOf(error, 'sqlState') !== undefined)
    return new TargetError({
      ...(BY_NUMBER.get(number) ?? SERVER_ERROR),
      message: `${doing}: ${message}`,
      context: { errno: number, sqlState: fieldOf(error, 'sqlState') },
      cause: error,
    });
  return connectionFault(typeof code === 'string' ? code : undefined, message, doing, error);
}

function connectionFault(
  code: string | undefined,
  message: string,
  doing: string,
  cause: unknown,
): TargetError {
  // mysql2 (3.24) calls everything that happens within the TLS handshake so, with the socket's error in the text alone.
  const isCut = code === 'HANDSHAKE_SSL_ERROR' && CUT.test(message);
  if (code !== undefined && TLS.test(code) && !isCut)
    return new TargetError({
      ...FATAL,
      code: 'jdbc.tls_refused',
      message: `${doing}: ${message}`,
      hint: 'give the certificate authority by serverSslCert in connection.url, or choose another sslMode',
      cause,
    });
  return new TargetError({
    ...RETRY,
    code:
      code === 'ENOTFOUND' || code === 'ECONNREFUSED'
        ? 'jdbc.server_unreachable'
        : 'jdbc.connection_lost',
    message: `${doing}: ${message === '' ? (code ?? 'the connection failed') : message}`,
    hint: 'is the server up and connection.url right? The sink tries again by itself',
    context: code === undefined ? {} : { errno: code },
    cause,
  });
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
