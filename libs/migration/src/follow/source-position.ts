import { count, text, type Session } from '../server/session-api.ts';
import type { Way } from './migration-context.ts';

/** Where a database stands in its own log, and whether our log has everything up to there. */
export interface PositionReader {
  now(): Promise<string>;
  isDurable(position: string): Promise<boolean>;
}

export function sourcePosition(session: Session, way: Way): PositionReader {
  return session.endpoint.family === 'postgres'
    ? postgresPosition(session, way)
    : mysqlPosition(session, way);
}

/** The slot is confirmed for what is durable alone (INV-1), and follows an idle server. */
function postgresPosition(session: Session, way: Way): PositionReader {
  return {
    async now() {
      const [row] = await session.query('SELECT pg_current_wal_flush_lsn()::text AS lsn');
      return text(row, 'lsn');
    },
    async isDurable(position) {
      const [row] = await session.query(
        `SELECT count(*) AS passed FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::pg_lsn`,
        [way.names.slot, position],
      );
      return count(row, 'passed') > 0;
    },
  };
}

/** The stored offset: the connector's heartbeats move it on when nothing is captured. */
function mysqlPosition(session: Session, way: Way): PositionReader {
  return {
    async now() {
      const row = (await binaryLogStatus(session))[0];
      return `${text(row, 'file')}:${text(row, 'position')}`;
    },
    async isDurable(position) {
      const offset = await way.rest.sourceOffset(way.names.source);
      if (offset === undefined) return false;
      const { file, pos } = offset;
      if (typeof file !== 'string' || typeof pos !== 'number') return false;
      const [wantedFile = '', wantedPos = ''] = position.split(':');
      return (
        compareFiles(file, wantedFile) > 0 || (file === wantedFile && pos >= Number(wantedPos))
      );
    },
  };
}

/** MySQL 8.4 and later call it otherwise. */
async function binaryLogStatus(session: Session): ReturnType<Session['query']> {
  try {
    return await session.query('SHOW BINARY LOG STATUS');
  } catch {
    return session.query('SHOW MASTER STATUS');
  }
}

/** `mysql-bin.000009` and `mysql-bin.1000000`: by number. */
function compareFiles(left: string, right: string): number {
  const number = (file: string): number => Number(/\d+$/.exec(file)?.[0] ?? 0);
  return number(left) - number(right);
}
