import { driverCodeOf, failuresOf, RETRIABLE_ERRNOS } from '@millrace/cdc';
import { isRetriable, MillraceError } from '@millrace/foundation';

/**
 * The codes of this connector. Each error says what happened; its hint is the setting or the SQL that mends it.
 */
const { fatal, retriable } = failuresOf('postgres');

/** Nothing answers at the address, or the connection broke: server down, restarting, or network cut. */
export function unreachable(address: string, cause: unknown): MillraceError {
  return retriable('unreachable', `the server at ${address} can't be reached`, {
    hint: 'check database.hostname and database.port, that the server runs and that no firewall stands in between',
    cause,
  });
}

/** User or password are wrong, or pg_hba.conf has no entry for this user, host and database (or for replication). */
export function authenticationFailed(user: string, cause: unknown): MillraceError {
  return fatal('authentication_failed', `the server refused the login of user "${user}"`, {
    hint: `mend database.user and database.password (ALTER ROLE "${user}" PASSWORD '...'), or pg_hba.conf if it has no entry for this host`,
    cause,
  });
}

/** The database does not exist on that server. */
export function databaseMissing(database: string, cause: unknown): MillraceError {
  return fatal('database_missing', `database "${database}" does not exist`, {
    hint: `mend database.dbname, or CREATE DATABASE "${database}"`,
    cause,
  });
}

/** No encrypted connection that satisfies database.sslmode: certificates, or a server without TLS. */
export function tlsFailed(address: string, cause: unknown): MillraceError {
  return fatal('tls', `no TLS connection to ${address} as database.sslmode demands it`, {
    hint: 'name the certificate of the authority in database.sslrootcert and check the files, or relax database.sslmode; on the server: ssl = on',
    cause,
  });
}

/** The server does not write what logical decoding needs. */
export function walLevel(level: string): MillraceError {
  return fatal('wal_level', `wal_level is "${level}", and "logical" is needed`, {
    hint: "ALTER SYSTEM SET wal_level = 'logical'; then restart the server",
  });
}

/** Text of another encoding could not be told apart from ours. */
export function encodingNotUtf8(encoding: string): MillraceError {
  return fatal('encoding', `the database is encoded in "${encoding}", and only UTF8 is supported`, {
    hint: 'create the database with ENCODING UTF8',
  });
}

/** The role may not use replication slots. */
export function replicationPrivilege(user: string): MillraceError {
  return fatal('privilege_replication', `user "${user}" may not replicate`, {
    hint: `ALTER ROLE "${user}" REPLICATION`,
  });
}

/** The snapshot could not read these tables. */
export function selectPrivilege(user: string, tables: readonly string[]): MillraceError {
  return fatal('privilege_select', `user "${user}" may not read ${tables.join(', ')}`, {
    hint: tables.map((table) => `GRANT SELECT ON ${table} TO "${user}";`).join(' '),
    context: { tables },
  });
}

/** A schema that holds captured tables is closed to the role. */
export function usagePrivilege(user: string, schemas: readonly string[]): MillraceError {
  return fatal('privilege_usage', `user "${user}" may not use schema ${schemas.join(', ')}`, {
    hint: schemas.map((schema) => `GRANT USAGE ON SCHEMA ${schema} TO "${user}";`).join(' '),
    context: { schemas },
  });
}

/** The publication has to be made, and the role may not make it. */
export function publicationPrivilege(user: string, sql: string, why: string): MillraceError {
  return fatal(
    'privilege_publication',
    `user "${user}" may not create or alter the publication: ${why}`,
    {
      hint: `as a superuser or the owner: ${sql}; and set publication.autocreate.mode=disabled`,
    },
  );
}

/** `publication.autocreate.mode=disabled` and there is none. */
export function publicationMissing(publication: string, sql: string): MillraceError {
  return fatal('publication_missing', `publication "${publication}" does not exist`, { hint: sql });
}

/** `filtered` would narrow a publication that somebody made for all tables. */
export function publicationForAllTables(publication: string): MillraceError {
  return fatal(
    'publication_for_all_tables',
    `publication "${publication}" is FOR ALL TABLES and can't be narrowed to the captured ones`,
    {
      hint: `DROP PUBLICATION "${publication}"; or set publication.autocreate.mode=all_tables; or use another publication.name`,
    },
  );
}

/** Another process reads the slot, perhaps another connector with the same slot.name. */
export function slotInUse(slot: string, pid: number | undefined, cause?: unknown): MillraceError {
  return retriable(
    'slot_in_use',
    `replication slot "${slot}" is in use${pid === undefined ? '' : ` by process ${pid}`}`,
    {
      hint: `give each connector a slot.name of its own${pid === undefined ? '' : `, or end the other reader: SELECT pg_terminate_backend(${pid})`}`,
      context: { slot },
      cause,
    },
  );
}

/** The slot was made for another output plugin. */
export function slotPlugin(slot: string, plugin: string): MillraceError {
  return fatal(
    'slot_plugin',
    `replication slot "${slot}" belongs to plugin "${plugin}", and pgoutput is needed`,
    {
      hint: `use another slot.name, or drop the slot if nobody needs it: SELECT pg_drop_replication_slot('${slot}')`,
      context: { slot },
    },
  );
}

/** The slot belongs to another database of the server. */
export function slotDatabase(slot: string, database: string): MillraceError {
  return fatal('slot_database', `replication slot "${slot}" belongs to database "${database}"`, {
    hint: `use another slot.name, or drop the slot if nobody needs it: SELECT pg_drop_replication_slot('${slot}')`,
    context: { slot },
  });
}

/** A physical slot has that name. */
export function slotPhysical(slot: string): MillraceError {
  return fatal('slot_physical', `replication slot "${slot}" is a physical one`, {
    hint: 'use another slot.name',
    context: { slot },
  });
}

const NEW_SNAPSHOT =
  'take a new snapshot: set snapshot.mode=when_needed, or delete the offsets of the connector (DELETE /connectors/NAME/offsets while it is stopped), and restart it';

/**
 * Stored offsets exist, but the slot is gone. Dropped by hand, or the server is not the same: fail-over to one without
 * the slot, restored from a backup.
 */
export function slotMissing(slot: string): MillraceError {
  return fatal(
    'slot_missing',
    `replication slot "${slot}" does not exist any more, and changes since the stored offset are lost`,
    {
      hint: `${NEW_SNAPSHOT}; if it was lost by a fail-over, set slot.failover=true (PostgreSQL 17 and later) and sync_replication_slots=on on the standby`,
      context: { slot },
    },
  );
}

/** The server removed WAL or rows that the slot still needed: max_slot_wal_keep_size, a conflict on a standby, idle_replication_slot_timeout. */
export function slotLost(slot: string, reason: string | null, cause?: unknown): MillraceError {
  return fatal(
    'slot_lost',
    `replication slot "${slot}" was invalidated by the server${reason === null ? '' : ` (${reason})`}, and changes are lost`,
    {
      hint: `SELECT pg_drop_replication_slot('${slot}'); then ${NEW_SNAPSHOT}; ${remedyOf(reason)}`,
      context: { slot, reason },
      cause,
    },
  );
}

function remedyOf(reason: string | null): string {
  switch (reason) {
    case 'rows_removed':
    case 'wal_level_insufficient':
    case 'conflicting':
      return 'on a standby, set hot_standby_feedback=on and keep wal_level=logical on the primary';
    case 'idle_timeout':
      return 'raise idle_replication_slot_timeout';
    default:
      return 'raise max_slot_wal_keep_size, and watch slot_wal_retained_bytes';
  }
}

/** The slot stands beyond the offset, where only we could have moved it: it was recreated or advanced by somebody else. */
export function slotAhead(slot: string, slotLsn: string, offsetLsn: string): MillraceError {
  return fatal(
    'slot_ahead',
    `replication slot "${slot}" stands at ${slotLsn}, beyond the stored offset ${offsetLsn}: it was recreated, or advanced by somebody else, and the changes in between are lost`,
    {
      hint: `${NEW_SNAPSHOT}; or accept the gap with offset.mismatch.strategy=trust_slot`,
      context: { slot, slotLsn, offsetLsn },
    },
  );
}

/** The offsets are of another cluster: restored with another initdb, upgraded, or another address. */
export function systemChanged(address: string, from: string, to: string): MillraceError {
  return fatal(
    'system_changed',
    `the server at ${address} is not the one that the stored offset is of: its system identifier is ${to}, that of the offset ${from}`,
    {
      hint: `${NEW_SNAPSHOT}; or, if nothing was written between the change and the making of the slot (as with pg_upgrade), go on where the slot stands with offset.mismatch.strategy=trust_slot`,
      context: { from, to },
    },
  );
}

/** A fail-over to a standby that lacked changes which were read already: source and log differ. */
export function timelineDiverged(change: {
  readonly address: string;
  readonly from: number;
  readonly to: number;
  readonly at: string;
  readonly position: string;
}): MillraceError {
  const { address, from, to, at, position } = change;
  return fatal(
    'timeline_diverged',
    `the server at ${address} left timeline ${from} for ${to} at ${at}, and changes up to ${position} were read of the former one: it lacks some of them, and new ones may have taken their places`,
    {
      hint: `${NEW_SNAPSHOT}; or accept the difference with offset.mismatch.strategy=trust_slot; synchronized_standby_slots on the primary keeps readers behind the standby (PostgreSQL 17 and later)`,
      context: { from, to, at, position },
    },
  );
}

/** The server keeps more WAL for the slot than `millrace.slot.wal.bytes.max` allows. */
export function slotOverBudget(
  slot: string,
  retainedBytes: number,
  budgetBytes: number,
  action: string,
): MillraceError {
  return fatal(
    'slot_over_budget',
    `the server keeps ${retainedBytes} bytes of WAL for replication slot "${slot}", more than the ${budgetBytes} allowed${action === 'drop-slot' ? '; the slot is dropped, and changes since the stored offset are lost' : ''}`,
    {
      hint:
        action === 'drop-slot'
          ? NEW_SNAPSHOT
          : `find out what holds the connector up (a full or slow log, a transaction that runs for long: SELECT * FROM pg_stat_activity ORDER BY xact_start), or raise millrace.slot.wal.bytes.max; to give the WAL up: SELECT pg_drop_replication_slot('${slot}')`,
      context: { slot, retainedBytes, budgetBytes },
    },
  );
}

/** No slot or no walsender is free. */
export function slotsExhausted(setting: string, used: number, maximum: number): MillraceError {
  return fatal('slots_exhausted', `all ${maximum} of ${setting} are taken (${used} in use)`, {
    hint: `drop slots that nobody reads (SELECT slot_name FROM pg_replication_slots WHERE NOT active), or ALTER SYSTEM SET ${setting} = ${maximum + 5}; then restart the server`,
  });
}

/** The server refuses UPDATE and DELETE on a published table without key: the application would break. */
export function tablesWithoutIdentity(tables: readonly string[]): MillraceError {
  return fatal(
    'table_without_key',
    `${tables.join(', ')} ${tables.length === 1 ? 'has' : 'have'} no primary key and no replica identity: updates and deletes would be refused by the server once published`,
    {
      hint: `${tables.map((table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL;`).join(' ')} or add a primary key, or leave the table out with table.exclude.list`,
      context: { tables },
    },
  );
}

/** `REPLICA IDENTITY NOTHING`: the server would refuse UPDATE and DELETE. */
export function tablesIdentityNothing(tables: readonly string[]): MillraceError {
  return fatal(
    'replica_identity_nothing',
    `${tables.join(', ')} ${tables.length === 1 ? 'has' : 'have'} REPLICA IDENTITY NOTHING: updates and deletes would be refused by the server once published`,
    {
      hint: tables.map((table) => `ALTER TABLE ${table} REPLICA IDENTITY DEFAULT;`).join(' '),
      context: { tables },
    },
  );
}

/** The include and exclude lists leave nothing. */
export function noTables(): MillraceError {
  return fatal('no_tables', 'no table matches the include and exclude lists', {
    hint: 'the expressions match "schema.table" as a whole, such as public\\.orders or public\\..*',
  });
}

/** A value has no form in the schema of its column, such as NaN in a Decimal (INV-8). */
export function notRepresentable(type: string, text: string, hint: string): MillraceError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return fatal('value_not_representable', `the ${type} value "${shown}" can't be represented`, {
    hint,
  });
}

/** The folder for transactions in progress can't be written or read: disk full, no permission, too many open files. */
export function spillFailed(folder: string, cause: unknown): MillraceError {
  const code = driverCodeOf(cause);
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : messageOf(cause);
  return fatal('spill_failed', `transactions in progress can't be kept in "${folder}": ${why}`, {
    hint: 'free some space there, or name another folder in millrace.transaction.spill.dir, or let the server keep them with millrace.transaction.streaming=false',
    context: { folder },
    cause,
  });
}

/** Transactions in progress take more than they may. The stream goes on without: the server keeps them then. */
export function spillFull(folder: string, bytesMax: number): MillraceError {
  return retriable(
    'spill_full',
    `transactions in progress take more than ${bytesMax} bytes in "${folder}"`,
    {
      hint: 'raise millrace.transaction.spill.bytes.max; until the task starts again the server keeps them itself',
      context: { folder, bytesMax },
    },
  );
}

/** The server sent what is not its protocol. */
export function protocolBroken(cause: unknown): MillraceError {
  return retriable('protocol', 'the server sent a message that can not be read', { cause });
}

const RETRIABLE_SQLSTATES: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: still starting
  '57P05', // idle_session_timeout
  '53300', // too_many_connections
  '57014', // query_canceled
  '55P03', // lock_not_available
  '40001', // serialization_failure
  '25P03', // idle_in_transaction_session_timeout
]);

export interface ErrorSubject {
  readonly address: string;
  readonly user: string;
  readonly database: string;
  readonly slot: string;
}

/** Turns anything that the driver or the server raised into one of our errors; the only place that classifies. */
export function classify(error: unknown, subject: ErrorSubject): MillraceError {
  if (error instanceof MillraceError) return error;
  const code = driverCodeOf(error);
  const message = error instanceof Error ? error.message : messageOf(error);
  if (code === '28P01' || code === '28000') return authenticationFailed(subject.user, error);
  if (
    /CERT|SIGNATURE|_TLS_|_SSL_/.test(code) ||
    code === 'ENOENT' ||
    message.includes('does not support SSL')
  )
    return tlsFailed(subject.address, error);
  if (code === '3D000') return databaseMissing(subject.database, error);
  if (code === '55006') return slotInUse(subject.slot, undefined, error);
  if (code === '53400')
    return fatal('slots_exhausted', message, {
      hint: 'raise max_replication_slots, or drop slots that nobody reads',
      cause: error,
    });
  if (code === '42501')
    return fatal('privilege_missing', `user "${subject.user}" lacks a privilege: ${message}`, {
      hint: `GRANT what the message names to "${subject.user}"`,
      cause: error,
    });
  // PostgreSQL 13 to 17 report a slot that lost its WAL with 55000; 58P01 is the missing segment file.
  if (
    code === '58P01' ||
    (code === '55000' && /invalidated|no longer available|can no longer/.test(message))
  )
    return slotLost(subject.slot, null, error);
  if (RETRIABLE_SQLSTATES.has(code) || code.startsWith('08') || RETRIABLE_ERRNOS.has(code))
    return unreachable(subject.address, error);
  // `pg` reports a closed connection without a code.
  if (code === '' && /terminated|timeout|not queryable|closed|socket/i.test(message))
    return unreachable(subject.address, error);
  return fatal('query_failed', code === '' ? message : `the server refused (${code}): ${message}`, {
    cause: error,
  });
}

/** Whether another attempt after a while may go well. */
export function isWorthRetrying(error: unknown): boolean {
  return isRetriable(error);
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    const message: unknown = Reflect.get(error, 'message');
    if (typeof message === 'string') return message;
  }
  return String(error);
}

/** A person set offsets that are no place in the stream. */
export function offsetsInvalid(problem: string): MillraceError {
  return fatal('offsets_invalid', problem, {
    hint: 'GET /connectors/NAME/offsets shows the form; null as the offset makes the connector start anew',
  });
}
