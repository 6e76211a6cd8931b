import { Session } from './connection.ts';
import type { ServerIdentity } from './offset-identity.ts';
import { parseLsn } from './position.ts';
import type { Settings } from './settings.ts';

/** Null where the server does not tell, as some hosted ones. */
export async function readIdentity(session: Session): Promise<ServerIdentity | null> {
  const [row] = await session
    .query(
      `SELECT c.system_identifier::text AS system_id,
         CASE WHEN NOT pg_catalog.pg_is_in_recovery()
           THEN ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int
         END AS timeline
       FROM pg_catalog.pg_control_system() c`,
    )
    .catch(() => []);
  const systemId = row?.['system_id'] ?? null;
  if (systemId === null) return null;
  const timeline = row?.['timeline'] ?? null;
  return { systemId, timeline: timeline === null ? null : Number(timeline) };
}

/**
 * Where the server left a timeline: what was read beyond it happened on a server that is not this one. Undefined when
 * the timeline is not one of its past.
 */
export async function endOfTimeline(
  settings: Settings,
  left: number,
  current: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  await using session = await Session.open(settings, 'replication', signal);
  const [row] = await session.query(`TIMELINE_HISTORY ${current}`);
  const lines = (row?.['content'] ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const end = lines.find(([timeline]) => timeline === String(left))?.[1];
  return end === undefined ? undefined : parseLsn(end);
}
