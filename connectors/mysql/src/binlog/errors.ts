import { MillraceError } from '@millrace/foundation';

/** The codes of the binlog client and of logging in. Each error says what happened; its hint mends it. */

export interface ServerSubject {
  /** host:port */
  readonly address: string;
  readonly user: string;
}

interface ErrorOptions {
  readonly hint?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

function fatal(what: string, message: string, options: ErrorOptions = {}): MillraceError {
  return new MillraceError({ code: `mysql.${what}`, retry: 'fatal', message, ...options });
}

function retriable(what: string, message: string, options: ErrorOptions = {}): MillraceError {
  return new MillraceError({ code: `mysql.${what}`, retry: 'retriable', message, ...options });
}

/** Nothing answers at the address, or the connection broke: server down, restarting, or network cut. */
export function unreachable(address: string, cause: unknown): MillraceError {
  return retriable('unreachable', `the server at ${address} can't be reached`, {
    hint: 'check database.hostname and database.port, that the server runs and that no firewall stands in between',
    cause,
  });
}

/** User or password are wrong, or no account matches this user and host. */
export function authenticationFailed(user: string, cause: unknown): MillraceError {
  return fatal('authentication_failed', `the server refused the login of user "${user}"`, {
    hint: `mend database.user and database.password, or on the server: ALTER USER '${user}'@'%' IDENTIFIED BY '...'`,
    cause,
  });
}

/** The account's plugin is one that the driver does not have, such as MariaDB's ed25519 or parsec. */
export function authenticationPlugin(user: string, cause: unknown): MillraceError {
  return fatal(
    'authentication_plugin',
    `user "${user}" logs in by a plugin that is not supported: ${textOf(cause)}`,
    {
      hint: `ALTER USER '${user}'@'%' IDENTIFIED WITH caching_sha2_password BY '...' (MariaDB: VIA mysql_native_password)`,
      cause,
    },
  );
}

/** No encrypted connection as database.ssl.mode demands it: certificates, or a server without TLS. */
export function tlsFailed(address: string, cause: unknown): MillraceError {
  return fatal('tls', `no TLS connection to ${address} as database.ssl.mode demands it`, {
    hint: 'check the certificates of database.ssl.truststore and that the server has TLS (SHOW VARIABLES LIKE "have_ssl"), or relax database.ssl.mode',
    cause,
  });
}

/** The account lacks a privilege. */
export function privilegeMissing(user: string, cause: unknown): MillraceError {
  return fatal('privilege_missing', `user "${user}" lacks a privilege: ${textOf(cause)}`, {
    hint: `GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '${user}'@'%'`,
    cause,
  });
}

/** The server deleted binlog files that the position still needs: changes since then are lost. */
export function binlogPurged(cause: unknown): MillraceError {
  return fatal(
    'binlog_purged',
    `the server no longer has the binlog of the stored position, and changes since then are lost: ${textOf(cause)}`,
    {
      hint: 'take a new snapshot: set snapshot.mode=when_needed, or delete the offsets of the connector and restart it; and raise binlog_expire_logs_seconds (MariaDB: expire_logs_days)',
      cause,
    },
  );
}

/** The position is not in the server's binlog: another server, or one whose binlogs were reset. */
export function binlogPositionUnknown(cause: unknown): MillraceError {
  return fatal(
    'binlog_position_unknown',
    `the server does not know the stored position: ${textOf(cause)}`,
    {
      hint: 'was the server changed or RESET MASTER run? Point database.hostname at the right server, or take a new snapshot: delete the offsets of the connector and restart it',
      cause,
    },
  );
}

/** Another replica came with the same server id, and the server dropped the older one. */
export function serverIdTaken(serverId: number, cause: unknown): MillraceError {
  return fatal(
    'server_id_taken',
    `another replica of the server has id ${serverId}: ${textOf(cause)}`,
    {
      hint: 'give database.server.id a number that no replica and no other connector has (SHOW REPLICAS; MariaDB: SHOW SLAVE HOSTS)',
      cause,
    },
  );
}

/** An event is larger than what server or client allow. */
export function eventTooLarge(cause: unknown): MillraceError {
  return fatal(
    'binlog_event_too_large',
    `an event is too large to be sent or unpacked: ${textOf(cause)}`,
    { hint: 'SET GLOBAL max_allowed_packet = 1073741824', cause },
  );
}

/** The server has no binlog. */
export function binlogOff(cause: unknown): MillraceError {
  return fatal('binlog_off', 'the server writes no binlog', {
    hint: 'start the server with --log-bin and --binlog-format=ROW',
    cause,
  });
}

/** The server's reading of its own binlog failed in another way. */
export function binlogRefused(cause: unknown): MillraceError {
  return fatal('binlog_refused', `the server can't send its binlog: ${textOf(cause)}`, { cause });
}

/** Bytes were changed on their way or on the server's disk. A new connection reads them again. */
export function checksumWrong(file: string, position: number): MillraceError {
  return retriable('binlog_checksum', `the event at ${file}:${position} has a wrong checksum`, {
    hint: 'if it comes again, the binlog is damaged on the server: mysqlbinlog --verify-binlog-checksum shows it; then take a new snapshot',
    context: { file, position },
  });
}

/** The server sent what is not its protocol, or what we don't know. */
export function binlogUnreadable(
  where: string,
  cause: unknown,
  retry: 'retriable' | 'fatal' = 'fatal',
): MillraceError {
  return new MillraceError({
    code: 'mysql.binlog_unreadable',
    retry,
    message: `the event at ${where} can't be read: ${textOf(cause)}`,
    cause,
  });
}

/** A GTID or set of them is not as the server prints it. */
export function gtidSetUnreadable(text: string): MillraceError {
  return fatal('gtid_set_unreadable', `"${text.slice(0, 200)}" is no set of GTIDs`, {
    hint: 'MySQL: uuid:1-5:7,uuid:tag:1-3; MariaDB: domain-server-sequence, such as 0-1-100',
  });
}

/** A value has no form in the schema of its column (INV-8). */
export function notRepresentable(type: string, text: string, hint: string): MillraceError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return fatal('value_not_representable', `the ${type} value "${shown}" can't be represented`, {
    hint,
  });
}

/** A value is not as its column's type says: the description of the table is not the one of its rows. */
export function valueUnreadable(type: string, problem: string): MillraceError {
  return fatal('value_unreadable', `a value of type ${type} can't be read: ${problem}`, {
    hint: 'the known columns are not those of the binlog: rebuild the schema history, or set binlog_row_metadata=FULL on the server',
  });
}

const AUTHENTICATION_ERRNOS: ReadonlySet<number> = new Set([
  1045, // ER_ACCESS_DENIED_ERROR
  1698, // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1130, // ER_HOST_NOT_PRIVILEGED
  1862, // ER_MUST_CHANGE_PASSWORD_LOGIN
  1820, // ER_MUST_CHANGE_PASSWORD
  3118, // ER_ACCOUNT_HAS_BEEN_LOCKED
  4151, // MariaDB: ER_ACCOUNT_HAS_BEEN_LOCKED
  3955, // ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
]);

const PRIVILEGE_ERRNOS: ReadonlySet<number> = new Set([
  1044, // ER_DBACCESS_DENIED_ERROR
  1142, // ER_TABLEACCESS_DENIED_ERROR
  1143, // ER_COLUMNACCESS_DENIED_ERROR
  1227, // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1370, // ER_PROCACCESS_DENIED_ERROR
]);

const RETRIABLE_ERRNOS: ReadonlySet<number> = new Set([
  1040, // ER_CON_COUNT_ERROR
  1053, // ER_SERVER_SHUTDOWN
  1077, // ER_NORMAL_SHUTDOWN
  1079, // ER_SHUTDOWN_COMPLETE
  1129, // ER_HOST_IS_BLOCKED
  1152, // ER_ABORTING_CONNECTION
  1158, // ER_NET_READ_ERROR
  1159, // ER_NET_READ_INTERRUPTED
  1160, // ER_NET_ERROR_ON_WRITE
  1161, // ER_NET_WRITE_INTERRUPTED
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  1226, // ER_USER_LIMIT_REACHED
  1317, // ER_QUERY_INTERRUPTED
  1927, // MariaDB: ER_CONNECTION_KILLED
  2006, // CR_SERVER_GONE_ERROR
  2013, // CR_SERVER_LOST
  3032, // ER_SERVER_OFFLINE_MODE
  4031, // ER_CLIENT_INTERACTION_TIMEOUT
]);

const RETRIABLE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
]);

/**
 * A server's refusal (by its number) or a broken connection (by errno), as one of our errors with its remedy; the only
 * place that classifies.
 */
export function classifyServerError(
  error: unknown,
  subject: ServerSubject & { readonly serverId?: number },
): MillraceError {
  if (error instanceof MillraceError) return error;
  const errno = errnoOf(error);
  const code = codeOf(error);
  const text = textOf(error);
  if (AUTHENTICATION_ERRNOS.has(errno)) return authenticationFailed(subject.user, error);
  if (PRIVILEGE_ERRNOS.has(errno)) return privilegeMissing(subject.user, error);
  if (errno === 1236) return binlogError(text, error, subject.serverId ?? 0);
  if (errno === 1153) return eventTooLarge(error); // ER_NET_PACKET_TOO_LARGE
  if (errno === 1381) return binlogOff(error); // ER_NO_BINARY_LOGGING
  // 1251: ER_NOT_SUPPORTED_AUTH_MODE, 1524: ER_PLUGIN_IS_NOT_LOADED
  if (errno === 1251 || errno === 1524 || code.startsWith('AUTH_SWITCH_PLUGIN'))
    return authenticationPlugin(subject.user, error);
  if (
    errno === 3159 || // ER_SECURE_TRANSPORT_REQUIRED
    code === 'HANDSHAKE_NO_SSL_SUPPORT' ||
    code === 'HANDSHAKE_SSL_ERROR' ||
    /CERT|SIGNATURE|_TLS_|_SSL_|EPROTO/.test(code)
  )
    return tlsFailed(subject.address, error);
  if (RETRIABLE_ERRNOS.has(errno) || RETRIABLE_CODES.has(code))
    return unreachable(subject.address, error);
  // Network failures have negative numbers, whatever the driver calls them.
  if (errno < 0) return unreachable(subject.address, error);
  return fatal('query_failed', errno === 0 ? text : `the server refused (${errno}): ${text}`, {
    cause: error,
  });
}

/**
 * ER_MASTER_FATAL_ERROR_READING_BINLOG: the number is one for all of them, so the text decides. Texts of MySQL 8.0 to
 * 9.7 and MariaDB 10.11; tried in the test of these.
 */
function binlogError(text: string, cause: unknown, serverId: number): MillraceError {
  if (/same server_uuid\/server_id|server id as this (?:slave|replica)/i.test(text))
    return serverIdTaken(serverId, cause);
  if (/could not find first log|purged|not found in binary log index|been deleted/i.test(text))
    return binlogPurged(cause);
  if (
    /impossible position|position > file size|not in the master's binlog|has more GTIDs|gtid_strict_mode|bogus data/i.test(
      text,
    )
  )
    return binlogPositionUnknown(cause);
  if (/max_allowed_packet/i.test(text)) return eventTooLarge(cause);
  if (/binary log is not open|binlog is not open/i.test(text)) return binlogOff(cause);
  return binlogRefused(cause);
}

function errnoOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  const errno: unknown = Reflect.get(error, 'errno');
  return typeof errno === 'number' ? errno : 0;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string') return code;
  // An AggregateError of several addresses that all failed.
  const errors: unknown = Reflect.get(error, 'errors');
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : '';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
