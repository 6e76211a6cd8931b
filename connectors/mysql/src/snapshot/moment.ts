import { MillraceError, type Clock, type Logger } from '@millrace/foundation';
import { quoteTable, readTables, type Table } from '../catalog.ts';
import { Session } from '../connection.ts';
import { binlogOff } from '../errors.ts';
import {
  readBinlogEnd,
  readServerFacts,
  readSnapshotPosition,
  type BinlogEnd,
  type ServerFacts,
} from '../server.ts';
import type { Settings } from '../settings.ts';

/** Transactions that see the same moment, and where that stands in the binlog. */
export interface Moment extends AsyncDisposable {
  readonly sessions: readonly Session[];
  /** For the catalogue; sees the present. */
  readonly control: Session;
  readonly facts: ServerFacts;
  /** null: the server writes no binlog. */
  readonly position: BinlogEnd | null;
  /** All captured tables, as they were then. */
  readonly tables: readonly Table[];
}

export interface MomentOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** No statement of a snapshot is too long, and the server waits for us as long as the log does not take more. */
const SNAPSHOT_SETTINGS = [
  'SET SESSION net_write_timeout = 31536000, wait_timeout = 31536000',
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];

const START = 'START TRANSACTION WITH CONSISTENT SNAPSHOT';

/**
 * Takes hold of one moment. The locks are a session's of their own: that they are let go does not end the transactions
 * of the others, so even locks of single tables are held for an instant only.
 */
export async function openMoment(options: MomentOptions): Promise<Moment> {
  const { settings, clock, signal } = options;
  const wanted = settings.config['snapshot.max.threads'];
  const mode = settings.config['snapshot.locking.mode'];
  const opened: Session[] = [];
  const close = async (): Promise<void> => {
    for (const session of opened) await session.close(clock);
  };
  const open = async (): Promise<Session> => {
    const session = await Session.open(settings, signal);
    opened.push(session);
    return session;
  };
  try {
    const control = await open();
    const facts = await readServerFacts(control);
    if (!facts.hasBinlog && settings.snapshot.streams) throw binlogOff();
    const isLockFree =
      mode === 'none' || (facts.flavour === 'mariadb' && mode === 'minimal' && wanted === 1);
    // Without a lock, connections that begin one after another would see different moments.
    const count = mode === 'none' ? 1 : wanted;
    const sessions: Session[] = [];
    for (let index = 0; index < count; index++) {
      const session = await open();
      for (const statement of SNAPSHOT_SETTINGS) await session.execute(statement);
      await session.limitQueries(0);
      sessions.push(session);
    }
    const result = await control.untilAborted(signal, () =>
      isLockFree
        ? withoutLock(control, sessions, facts)
        : withLock(options, control, sessions, facts),
    );
    const tables = await readTables(control, facts.flavour, settings.capturesTable);
    if (!isLockFree && mode !== 'extended') await control.execute('UNLOCK TABLES');
    return { sessions, control, facts, position: result, tables, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * MariaDB tells where the snapshot of a session stands. Of MySQL the position is read before: what was committed in
 * between is in the snapshot and comes again in the stream.
 */
async function withoutLock(
  control: Session,
  sessions: readonly Session[],
  facts: ServerFacts,
): Promise<BinlogEnd | null> {
  const before = facts.hasBinlog ? await readBinlogEnd(control, facts) : null;
  let exact: BinlogEnd | null = null;
  for (const session of sessions) {
    await session.execute(START);
    if (facts.flavour === 'mariadb' && facts.hasBinlog) exact = await readSnapshotPosition(session);
  }
  return exact ?? before;
}

async function withLock(
  { settings, log }: MomentOptions,
  control: Session,
  sessions: readonly Session[],
  facts: ServerFacts,
): Promise<BinlogEnd | null> {
  const timeoutSeconds = Math.max(1, Math.ceil(settings.config['snapshot.lock.timeout.ms'] / 1000));
  await control.execute(`SET SESSION lock_wait_timeout = ${timeoutSeconds}`);
  await lock(control, settings, facts, log);
  for (const session of sessions) await session.execute(START);
  return facts.hasBinlog ? readBinlogEnd(control, facts) : null;
}

async function lock(
  control: Session,
  settings: Settings,
  facts: ServerFacts,
  log: Logger,
): Promise<void> {
  const mode = settings.config['snapshot.locking.mode'];
  if (mode === 'minimal_percona' || mode === 'minimal_percona_no_table_locks') {
    await control.execute('LOCK TABLES FOR BACKUP');
    return;
  }
  try {
    await control.execute('FLUSH TABLES WITH READ LOCK');
    return;
  } catch (error) {
    if (!isPrivilege(error)) throw error;
    log.info(
      {},
      'no privilege for a global read lock: the captured tables are locked one by one for an instant',
    );
  }
  const tables = await readTables(control, facts.flavour, settings.capturesTable);
  if (tables.length === 0) return;
  await control.execute(
    `LOCK TABLES ${tables.map((table) => `${quoteTable(table)} READ`).join(', ')}`,
  );
}

function isPrivilege(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'mysql.privilege_missing';
}
