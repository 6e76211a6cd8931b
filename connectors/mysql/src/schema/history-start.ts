import type { Clock, Logger } from '@millrace/foundation';
import { readTables } from '../catalog.ts';
import type { Session } from '../connection.ts';
import { historyMissing } from '../errors.ts';
import { streamOffset, type OffsetPosition } from '../position.ts';
import type { ServerFacts } from '../server.ts';
import type { Settings } from '../settings.ts';
import type { SchemaHistory } from './history.ts';
import type { Tables } from './tables.ts';

export interface HistoryStartOptions {
  readonly settings: Settings;
  readonly history: SchemaHistory;
  readonly tables: Tables;
  readonly session: Session;
  readonly facts: ServerFacts;
  /** Where the stream will begin. */
  readonly position: OffsetPosition;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Brings what is known of tables to the place where the stream begins. A history that is missing is made of the
 * catalogue where that can do no harm: when asked for (`snapshot.mode=recovery`), or when the binlog names its columns.
 * @throws MillraceError `mysql.history_missing`
 */
export async function startHistory(options: HistoryStartOptions): Promise<void> {
  const { facts, history, log, position, settings, signal, tables } = options;
  await history.ensure(signal);
  const known = settings.snapshot.rebuildsHistory ? null : await history.tablesAt(position, signal);
  if (known !== null) {
    tables.preload(
      [...known.values()].filter((table) => settings.capturesTable(table.database, table.name)),
    );
    return;
  }
  if (!facts.hasFullMetadata && !settings.snapshot.rebuildsHistory)
    throw historyMissing(history.topic);
  log.warn({ topic: history.topic }, 'the schema history is made of the tables as they are now');
  await rebuild(options);
}

async function rebuild(options: HistoryStartOptions): Promise<void> {
  const { clock, facts, history, position, session, settings, signal, tables } = options;
  const all = await readTables(
    session,
    facts.flavour,
    (database) => !/^(?:mysql|information_schema|performance_schema|sys)$/i.test(database),
  );
  const offset = streamOffset(position, { serverId: 0, seconds: Math.floor(clock.nowMs() / 1000) });
  await history.append(
    all.map((table) => ({
      offset,
      isSnapshot: true,
      timestampMs: clock.nowMs(),
      database: table.database,
      ddl: '',
      changes: [{ type: 'CREATE', database: table.database, name: table.name, table }],
    })),
    signal,
  );
  tables.preload(all.filter((table) => settings.capturesTable(table.database, table.name)));
}
