import { driverCodeOf, failuresOf, RETRIABLE_ERRNOS } from '@millrace/cdc';
import { MillraceError } from '@millrace/foundation';

/**
 * The codes of this connector. Each error says what happened; its hint is the setting or the SQL that mends it.
 */
const { fatal, retriable } = failuresOf('mysql');

/** Nothing answers at the address, or the connection broke: server down, restarting, or network cut. */
export function unreachable(address: string, cause: unknown): MillraceError {
  return retriable('unreachable', `the server at ${address} can't be reached`, {
    hint: 'check database.hostname and database.port, that the server runs and that no firewall stands in between',
    cause,
  });
}

/** User or password are wrong, or the user may not come from this host. */
export function authenticationFailed(user: string, cause: unknown): MillraceError {
  return fatal('authentication_failed', `the server refused the login of user "${user}"`, {
    hint: `mend database.user and database.password (ALTER USER '${user}'@'%' IDENTIFIED BY '...'), or allow the user from this host (CREATE USER '${user}'@'<host>' IDENTIFIED BY '...')`,
    cause,
  });
}

/** No encrypted connection that satisfies database.ssl.mode: certificates, or a server without TLS. */
export function tlsFailed(address: string, cause: unknown): MillraceError {
  return fatal('tls', `no TLS connection to ${address} as database.ssl.mode demands it`, {
    hint: 'name the certificate of the authority in database.ssl.truststore (PEM) and check the files, or relax database.ssl.mode; on the server: ssl_cert, ssl_key, ssl_ca',
    cause,
  });
}

/** The server is MariaDB and the connector MySQL's, or the other way round. */
export function wrongServer(version: string, expected: string, other: string): MillraceError {
  return fatal(
    'wrong_server',
    `the server is "${version}", and this connector is for ${expected}`,
    {
      hint: `set connector.class=${other}`,
    },
  );
}

/** The server keeps no binlog. */
export function binlogOff(): MillraceError {
  return fatal('log_bin', 'the server writes no binlog (log_bin is OFF)', {
    hint: 'start the server with log_bin=binlog and a server_id of its own (in my.cnf, [mysqld])',
  });
}

/** Statements in place of rows can't be captured. */
export function binlogFormat(format: string): MillraceError {
  return fatal('binlog_format', `binlog_format is "${format}", and "ROW" is needed`, {
    hint: 'SET GLOBAL binlog_format = ROW; and in my.cnf, [mysqld]: binlog_format=ROW. Sessions that are open keep the old one',
  });
}

/** Rows without all their columns can't be told from rows with nulls. */
export function rowImage(image: string): MillraceError {
  return fatal('binlog_row_image', `binlog_row_image is "${image}", and "FULL" is needed`, {
    hint: 'SET GLOBAL binlog_row_image = FULL; and in my.cnf, [mysqld]: binlog_row_image=FULL. Sessions that are open keep the old one',
  });
}

/** The binlog does not name the columns: a statement that changes a table unseen would shift values. */
export function rowMetadata(): MillraceError {
  return fatal(
    'binlog_row_metadata',
    'binlog_row_metadata is not FULL, so tables are known by the catalogue and the schema history alone',
    {
      hint: 'SET GLOBAL binlog_row_metadata = FULL; and in my.cnf, [mysqld]: binlog_row_metadata=FULL. Or name a topic in schema.history.internal.kafka.topic',
    },
  );
}

/** Privileges that are missing, with the SQL for all of them. */
export function privilegesMissing(user: string, missing: readonly string[]): MillraceError {
  return fatal('privilege_missing', `user ${user} lacks ${missing.join(', ')}`, {
    hint: `GRANT ${missing.join(', ')} ON *.* TO ${user};`,
    context: { missing },
  });
}

/** The server let the user in and then refused this; MySQL says so with the number of a wrong password too. */
export function privilegeMissing(user: string, cause: unknown): MillraceError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return fatal('privilege_missing', `user "${user}" lacks a privilege: ${message}`, {
    hint: `GRANT what the message names to '${user}'@'%'; to read the binlog: GRANT REPLICATION SLAVE ON *.* TO '${user}'@'%'`,
    cause,
  });
}

/** The snapshot could not read these tables. */
export function selectPrivilege(user: string, tables: readonly string[]): MillraceError {
  return fatal('privilege_select', `user ${user} may not read ${tables.join(', ')}`, {
    hint: tables.map((table) => `GRANT SELECT ON ${table} TO ${user};`).join(' '),
    context: { tables },
  });
}

/** The number of this reader is that of a server, or of another reader. */
export function serverIdTaken(id: number, by: string): MillraceError {
  return fatal('server_id_taken', `database.server.id ${id} is also that of ${by}`, {
    hint: 'choose another database.server.id, unlike that of each server and of each other reader of its binlog',
  });
}

/** Another reader took our number: the server ends the older one. */
export function replacedByReader(id: number, cause: unknown): MillraceError {
  return retriable('server_id_taken', `another reader of the binlog has the number ${id} too`, {
    hint: 'give each connector and each replica a number of its own in database.server.id',
    cause,
  });
}

/** Nothing that is there passes the filters. */
export function noTables(filters: string): MillraceError {
  return fatal('no_tables', `no table of the server passes the filters (${filters})`, {
    hint: 'mend database.include.list and table.include.list: regular expressions that match "database" and "database.table" as a whole',
  });
}

/** The server deleted binlog that was not read yet (binlog_expire_logs_seconds, PURGE, disk). */
export function binlogPurged(wanted: string, available: string, cause?: unknown): MillraceError {
  return fatal(
    'binlog_purged',
    `the server no longer has the binlog from ${wanted} on (it has ${available}): changes in between are lost`,
    {
      hint: 'take a new snapshot (snapshot.mode=when_needed does so by itself, or DELETE /connectors/NAME/offsets while the connector is stopped), and keep binlog for longer: SET GLOBAL binlog_expire_logs_seconds = 604800 (MariaDB: expire_logs_days)',
      cause,
    },
  );
}

/** The position is of another server, and without GTIDs nothing tells where it would be here. */
export function serverChanged(before: string, now: string): MillraceError {
  return fatal(
    'server_changed',
    `the offset is of server ${before}, this is server ${now}, and file and position of one mean nothing on the other`,
    {
      hint: 'connect to the former server again; or take a new snapshot (snapshot.mode=when_needed, or DELETE /connectors/NAME/offsets); with gtid_mode=ON a fail-over goes on by itself',
    },
  );
}

/** The transactions that were delivered are not all on this server: it is not a copy of the former one, or behind it. */
export function gtidsUnknown(delivered: string, executed: string): MillraceError {
  return fatal(
    'gtids_unknown',
    `the server has not executed all transactions that were delivered: delivered ${delivered}, executed ${executed}`,
    {
      hint: 'wait until the server has caught up with the former primary, or connect to one that has; if it is another server on purpose, or RESET was run, take a new snapshot (snapshot.mode=when_needed, or DELETE /connectors/NAME/offsets)',
    },
  );
}

/** The offset has GTIDs, and the server writes none. */
export function gtidsOff(): MillraceError {
  return fatal('gtid_mode', 'the offset is a set of GTIDs, and gtid_mode of the server is OFF', {
    hint: "SET GLOBAL gtid_mode by its steps to ON, or set gtid.ignore.on.recovery=true to go on at the offset's file and position of the same server",
  });
}

/** The columns in the binlog are not those that are known of the table: values would land in wrong columns. */
export function schemaUnknown(table: string, why: string): MillraceError {
  return fatal(
    'schema_unknown',
    `the columns of ${table} at this place of the binlog are not known: ${why}`,
    {
      hint: 'SET GLOBAL binlog_row_metadata = FULL for the time to come; for what was written before: take a new snapshot, or, if the change of the table may be ignored, restart with snapshot.mode=recovery, or inconsistent.schema.handling.mode=warn to leave those changes out',
      context: { table },
    },
  );
}

/** The binlog holds a statement in place of rows: it can't be known which rows it changed. */
export function statementFormat(sql: string): MillraceError {
  return fatal(
    'statement_in_binlog',
    `the binlog has a statement in place of rows: ${sql.slice(0, 200)}`,
    {
      hint: 'SET GLOBAL binlog_format = ROW and close the sessions that still use another; then take a new snapshot of the tables that it changed, and go on with event.processing.failure.handling.mode=warn',
    },
  );
}

/** The server says that events may be missing from its binlog. */
export function binlogIncident(message: string): MillraceError {
  return fatal('binlog_incident', `the server lost events of its binlog: ${message}`, {
    hint: 'take a new snapshot; look into the error log of the server for why',
  });
}

/** The schema history is empty although changes were read already. */
export function historyMissing(topic: string): MillraceError {
  return fatal(
    'history_missing',
    `topic "${topic}" of the schema history is empty or does not reach back to the offset, and the binlog does not name columns`,
    {
      hint: 'restart once with snapshot.mode=recovery if no table was changed since the stop; or SET GLOBAL binlog_row_metadata = FULL and take a new snapshot',
    },
  );
}

/** `snapshot.mode=recovery` mends a connector that has been somewhere. */
export function recoveryWithoutOffset(): MillraceError {
  return fatal(
    'recovery_without_offset',
    'snapshot.mode=recovery goes on at an offset, and there is none',
    {
      hint: 'start with snapshot.mode=initial or no_data',
    },
  );
}

/** A lock for the snapshot was not to be had. */
export function lockTimeout(cause: unknown): MillraceError {
  return retriable('lock_timeout', 'the lock for the snapshot was not granted in time', {
    hint: 'look for long transactions and statements (SHOW PROCESSLIST), raise snapshot.lock.timeout.ms, or set snapshot.locking.mode=none',
    cause,
  });
}

/** A person set offsets that are no place in the binlog. */
export function offsetsInvalid(problem: string): MillraceError {
  return fatal('offsets_invalid', problem, {
    hint: 'GET /connectors/NAME/offsets shows the form; null as the offset makes the connector start anew',
  });
}

/** What the server sent is not what its protocol promises. */
export function protocolBroken(cause: unknown): MillraceError {
  return fatal('protocol', 'the binlog can not be read: what the server sent is malformed', {
    hint: 'SHOW BINLOG EVENTS shows whether the server can read it itself; event.deserialization.failure.handling.mode=warn leaves such events out',
    cause,
  });
}

const RETRIABLE_NUMBERS: ReadonlySet<number> = new Set([
  1040, // too many connections
  1053, // server shutdown in progress
  1077, // normal shutdown
  1079, // shutdown complete
  1129, // host is blocked
  1152, // aborted connection
  1153, // packet too large: another attempt reads less
  1158, // network read error
  1159,
  1160,
  1161,
  1184,
  1205, // lock wait timeout
  1213, // deadlock
  1317, // query interrupted
  1927, // connection was killed (MariaDB)
  2006, // server has gone away
  2013, // lost connection during query
  3024, // query execution was interrupted, maximum execution time exceeded
  3169, // session was killed
  4031, // disconnected by the server because of inactivity
]);

const RETRIABLE_CODES: ReadonlySet<string> = new Set([
  ...RETRIABLE_ERRNOS,
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);

const ACCESS_DENIED_NUMBERS: ReadonlySet<number> = new Set([
  1044, 1045, 1130, 1698, 1862, 3118, 3955, 4151,
]);
const PRIVILEGE_NUMBERS: ReadonlySet<number> = new Set([1142, 1143, 1227, 1370]);

const ACCESS_DENIED = 1045;

/** As `classify`, of a connection that was let in. */
export function classifyInSession(error: unknown, subject: ErrorSubject): MillraceError {
  return !(error instanceof MillraceError) && numberOf(error) === ACCESS_DENIED
    ? privilegeMissing(subject.user, error)
    : classify(error, subject);
}

export interface ErrorSubject {
  readonly address: string;
  readonly user: string;
  readonly serverId: number;
}

/** Turns anything that the driver or the server raised into one of our errors; the only place that classifies. */
export function classify(error: unknown, subject: ErrorSubject): MillraceError {
  if (error instanceof MillraceError) return error;
  const code = driverCodeOf(error);
  const number = numberOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (ACCESS_DENIED_NUMBERS.has(number)) return authenticationFailed(subject.user, error);
  if (
    /CERT|SIGNATURE|_TLS_|_SSL_|HANDSHAKE_NO_SSL|HANDSHAKE_SSL/.test(code) ||
    code === 'ENOENT' ||
    number === 3159 ||
    message.includes('does not support secure connection')
  )
    return tlsFailed(subject.address, error);
  if (PRIVILEGE_NUMBERS.has(number)) return privilegeMissing(subject.user, error);
  // 4052: MariaDB's ER_SLAVE_SAME_ID
  if (number === 1236 || number === 4052) return dumpError(message, subject, error);
  // A consistent snapshot can't read a table that was changed since it began; the next one can.
  if (number === 1412)
    return retriable('table_changed', 'a table was changed while its snapshot was taken', {
      hint: 'nothing: the rest of the snapshot is read at a later moment',
      cause: error,
    });
  if (number === 1193 || number === 1231)
    return fatal('query_failed', `the server refused a setting: ${message}`, { cause: error });
  if (RETRIABLE_NUMBERS.has(number) || RETRIABLE_CODES.has(code))
    return unreachable(subject.address, error);
  if (number === 0 && /closed|terminated|timeout|ended|socket/i.test(message))
    return unreachable(subject.address, error);
  return fatal(
    'query_failed',
    number === 0 ? message : `the server refused (${number}): ${message}`,
    {
      cause: error,
    },
  );
}

/** ER_MASTER_FATAL_ERROR_READING_BINLOG stands for many things; only the text tells them apart (MySQL 9.7, MariaDB 10.11). */
function dumpError(message: string, subject: ErrorSubject, cause: unknown): MillraceError {
  if (/same server_uuid\/server_id|same server_id/i.test(message))
    return replacedByReader(subject.serverId, cause);
  if (
    /Could not find first log file name|purged|Client requested .* GTID|not in the .*binlog|no longer|missing/i.test(
      message,
    )
  )
    return binlogPurged('the offset', 'less, as it says', cause);
  if (
    /impossible position|position > file size|truncated in the middle|log event entry exceeded|bogus data|corrupt/i.test(
      message,
    )
  )
    return fatal(
      'binlog_unreadable',
      `the server can't read its binlog at the offset: ${message}`,
      {
        hint: 'is it still the same server? SHOW BINARY LOGS and SHOW BINLOG EVENTS IN show what it has; take a new snapshot if the offset is of another one',
        cause,
      },
    );
  if (/shutdown|killed|terminated/i.test(message)) return unreachable(subject.address, cause);
  return fatal('binlog_refused', `the server refused to send its binlog: ${message}`, { cause });
}

function numberOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  const number: unknown = Reflect.get(error, 'errno');
  return typeof number === 'number' && number > 0 ? number : 0;
}
