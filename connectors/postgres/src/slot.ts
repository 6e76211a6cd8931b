import { quoteName, quoteText } from './catalog.ts';
import type { Session } from './connection.ts';
import { parseLsn } from './position.ts';

export interface Slot {
  readonly name: string;
  readonly plugin: string;
  readonly type: string;
  readonly database: string;
  readonly isTemporary: boolean;
  readonly activePid: number | undefined;
  /** Who reads it, when we may know. */
  readonly activeApplication: string | undefined;
  readonly confirmedLsn: number;
  /** The server removed what it needs. */
  readonly isLost: boolean;
  /** Why, since PostgreSQL 16 or 17. */
  readonly lostReason: string | null;
}

export async function findSlot(session: Session, name: string): Promise<Slot | undefined> {
  const [row] = await session.query(
    `SELECT s.slot_name, s.plugin, s.slot_type, s.database, s.temporary, s.active_pid,
       s.confirmed_flush_lsn::text AS confirmed, to_jsonb(s) ->> 'wal_status' AS wal_status,
       to_jsonb(s) ->> 'invalidation_reason' AS invalidation,
       to_jsonb(s) ->> 'conflicting' AS conflicting, a.application_name
     FROM pg_catalog.pg_replication_slots s
       LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
     WHERE s.slot_name = $1`,
    [name],
  );
  if (row === undefined) return undefined;
  const lostReason = row['invalidation'] ?? (row['conflicting'] === 'true' ? 'conflicting' : null);
  return {
    name,
    plugin: row['plugin'] ?? '',
    type: row['slot_type'] ?? '',
    database: row['database'] ?? '',
    isTemporary: row['temporary'] === 't',
    activePid: row['active_pid'] === null ? undefined : Number(row['active_pid']),
    activeApplication: row['application_name'] ?? undefined,
    confirmedLsn: parseLsn(row['confirmed'] ?? '0/0'),
    isLost: row['wal_status'] === 'lost' || lostReason !== null,
    lostReason,
  };
}

export interface CreatedSlot {
  /** Transactions that commit after it are streamed; those before are in the snapshot. */
  readonly consistentLsn: number;
  /** Valid until the next command on the same connection. */
  readonly snapshotName: string | null;
}

export interface SlotOptions {
  readonly name: string;
  readonly isTemporary: boolean;
  readonly isFailover: boolean;
  readonly exportsSnapshot: boolean;
}

/** On a replication connection. Waits for the transactions that run at this moment. */
export async function createSlot(session: Session, options: SlotOptions): Promise<CreatedSlot> {
  const temporary = options.isTemporary ? 'TEMPORARY ' : '';
  const snapshot = options.isFailover
    ? `(SNAPSHOT '${options.exportsSnapshot ? 'export' : 'nothing'}', FAILOVER true)`
    : options.exportsSnapshot
      ? 'EXPORT_SNAPSHOT'
      : 'NOEXPORT_SNAPSHOT';
  const [row] = await session.query(
    `CREATE_REPLICATION_SLOT ${quoteName(options.name)} ${temporary}LOGICAL pgoutput ${snapshot}`,
  );
  return {
    consistentLsn: parseLsn(row?.['consistent_point'] ?? '0/0'),
    snapshotName: row?.['snapshot_name'] ?? null,
  };
}

/** Drops the slot if it is there; an active one is refused by the server. */
export async function dropSlot(session: Session, name: string): Promise<void> {
  await session.query(
    `SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
     WHERE slot_name = ${quoteText(name)}`,
  );
}
