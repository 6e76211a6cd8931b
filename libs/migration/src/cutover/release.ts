import type { MigrationNames } from '../plan/migration-names.ts';
import { quoteName } from '../postgres/quote.ts';
import type { Session } from '../server/session-api.ts';

/** A slot that nobody reads keeps WAL until the disk is full: it goes with the direction that it served. */
export async function release(session: Session, names: MigrationNames): Promise<void> {
  if (session.endpoint.family !== 'postgres') return;
  await session.query(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active`,
    [names.slot],
  );
  await session.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active`,
    [names.slot],
  );
  await session.query(`DROP PUBLICATION IF EXISTS ${quoteName(names.slot)}`);
}
