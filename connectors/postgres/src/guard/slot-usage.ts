import type { Session } from '../connection.ts';

/** What the slot costs the server, at one moment. All in bytes. */
export interface SlotUsage {
  readonly atMs: number;
  /** Written since the server started to count. */
  readonly serverLsn: number;
  /** WAL that the server keeps for the slot. */
  readonly retainedBytes: number;
  /** WAL that may still be written until the slot is invalidated; null: without limit (max_slot_wal_keep_size = -1). */
  readonly safeBytes: number | null;
  /** `reserved`, `extended`, `unreserved` or `lost` */
  readonly walStatus: string;
}

/** Undefined when the slot is gone. */
export async function readSlotUsage(
  session: Session,
  slot: string,
  atMs: number,
): Promise<SlotUsage | undefined> {
  const [row] = await session.query(
    `SELECT n.lsn - '0/0'::pg_lsn AS server_lsn,
       coalesce(n.lsn - s.restart_lsn, 0) AS retained,
       to_jsonb(s) ->> 'safe_wal_size' AS safe, coalesce(to_jsonb(s) ->> 'wal_status', '') AS status
     FROM pg_catalog.pg_replication_slots s,
       (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
          ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) n
     WHERE s.slot_name = $1`,
    [slot],
  );
  if (row === undefined) return undefined;
  const safe = row['safe'] ?? null;
  return {
    atMs,
    serverLsn: Number(row['server_lsn']),
    retainedBytes: Number(row['retained']),
    safeBytes: safe === null ? null : Number(safe),
    walStatus: row['status'] ?? '',
  };
}

export interface SlotForecast {
  /** By which the WAL that is kept grows; 0 or less: it shrinks. */
  readonly growthBytesPerSecond: number;
  /** Until the slot is invalidated, or the budget is used up, whatever comes first; null: not if it goes on like this. */
  readonly secondsLeft: number | null;
}

/** @param budgetBytes 0: none */
export function forecast(earlier: SlotUsage, now: SlotUsage, budgetBytes: number): SlotForecast {
  const seconds = (now.atMs - earlier.atMs) / 1000;
  if (seconds <= 0) return { growthBytesPerSecond: 0, secondsLeft: null };
  const growth = (now.retainedBytes - earlier.retainedBytes) / seconds;
  const rooms = [
    now.safeBytes ?? Infinity,
    budgetBytes === 0 ? Infinity : budgetBytes - now.retainedBytes,
  ];
  const room = Math.max(0, Math.min(...rooms));
  const isLasting = growth <= 0 || room === Infinity;
  return { growthBytesPerSecond: growth, secondsLeft: isLasting ? null : room / growth };
}
