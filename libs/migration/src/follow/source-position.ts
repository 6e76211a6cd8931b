import { productOf } from '../server/product.ts';
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

/**
 * The stored offset: the connector's heartbeats move it on when nothing is captured. GTIDs count where there are any,
 * since file and position of a stream that was opened by GTID may stand still before the next event.
 */
function mysqlPosition(session: Session, way: Way): PositionReader {
  return {
    async now() {
      const [row] = await binaryLogStatus(session);
      const file = `${text(row, 'file')}:${text(row, 'position')}`;
      return `${file} ${await executedGtids(session)}`;
    },
    async isDurable(position) {
      const offset = await way.rest.sourceOffset(way.names.source);
      if (offset === undefined) return false;
      const { file, pos, gtids } = offset;
      const [wanted = '', wantedGtids = ''] = position.split(' ');
      if (typeof gtids === 'string' && gtids !== '' && wantedGtids !== '')
        return containsGtids(session, gtids, wantedGtids);
      if (typeof file !== 'string' || typeof pos !== 'number') return false;
      const [wantedFile = '', wantedPos = ''] = wanted.split(':');
      return (
        compareFiles(file, wantedFile) > 0 || (file === wantedFile && pos >= Number(wantedPos))
      );
    },
  };
}

/** Empty where the server has none. */
async function executedGtids(session: Session): Promise<string> {
  const { product } = await productOf(session);
  const [row] = await session.query(
    product === 'mariadb'
      ? 'SELECT @@global.gtid_binlog_pos AS gtids'
      : 'SELECT @@global.gtid_executed AS gtids',
  );
  return text(row, 'gtids').replaceAll(/\s/g, '');
}

async function containsGtids(session: Session, all: string, wanted: string): Promise<boolean> {
  // MySQL's sets have colons, and the server knows how to compare them.
  if (wanted.includes(':')) {
    const [row] = await session.query('SELECT GTID_SUBSET(?, ?) AS inside', [wanted, all]);
    return count(row, 'inside') === 1;
  }
  const sequences = new Map(all.split(',').map(domainAndSequence));
  return wanted
    .split(',')
    .map(domainAndSequence)
    .every(([domain, sequence]) => (sequences.get(domain) ?? -1n) >= sequence);
}

/** MariaDB: `domain-server-sequence`. */
function domainAndSequence(gtid: string): readonly [string, bigint] {
  const [domain = '', , sequence = '0'] = gtid.split('-');
  return [domain, BigInt(sequence)];
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
