import type { Logger } from '@millrace/foundation';
import { applicationName } from '../check.ts';
import type { Session } from '../connection.ts';
import type { Settings } from '../settings.ts';

/** A reader that was not heard of for so many of its intervals, and so long, is gone without the server knowing. */
const INTERVALS = 3;
const PATIENCE_MIN_MS = 1000;

/**
 * Ends a walsender that our own former connection left: a network that was cut, or a machine that is gone, keeps the slot
 * until `wal_sender_timeout`, if there is one. One that still answers is left alone: another task reads there.
 * Returns its process, if one was ended.
 */
async function endStaleReader(session: Session, settings: Settings): Promise<number | undefined> {
  const patienceMs = Math.max(
    PATIENCE_MIN_MS,
    INTERVALS * settings.config['status.update.interval.ms'],
  );
  const [row] = await session.query(
    `SELECT r.pid, pg_catalog.pg_terminate_backend(r.pid) AS is_ended
     FROM pg_catalog.pg_replication_slots s JOIN pg_catalog.pg_stat_replication r ON r.pid = s.active_pid
     WHERE s.slot_name = $1 AND r.application_name = $2 AND r.usename = current_user
       AND coalesce(r.reply_time, r.backend_start) < pg_catalog.clock_timestamp() - $3 * interval '1 millisecond'`,
    [settings.config['slot.name'], applicationName(settings), patienceMs],
  );
  return row?.['is_ended'] === 't' ? Number(row['pid']) : undefined;
}

/** The same in the middle of an attempt to connect: what can't be looked at is looked at by the next one. */
export async function releaseSlot(
  session: () => Promise<Session>,
  settings: Settings,
  log: Logger,
): Promise<void> {
  try {
    const pid = await endStaleReader(await session(), settings);
    if (pid !== undefined)
      log.warn(
        { pid },
        'a former connection of ours still held the slot; the server was told to end it',
      );
  } catch (error) {
    log.debug({ err: error }, 'who holds the slot could not be looked at');
  }
}
