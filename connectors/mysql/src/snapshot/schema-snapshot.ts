import type { TopicNaming } from '@millrace/cdc';
import type { Clock } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { quoteName, quoteTable, type Table } from '../catalog.ts';
import type { Session } from '../connection.ts';
import type { EventSource } from '../row-record.ts';
import { schemaEventRecord } from '../schema/schema-events.ts';
import type { HistoryEntry, SchemaHistory } from '../schema/history.ts';
import type { TableChange } from '../schema/table-change.ts';
import type { ServerFacts } from '../server.ts';
import type { Settings } from '../settings.ts';

export interface SchemaSnapshotOptions {
  readonly settings: Settings;
  readonly topics: TopicNaming;
  readonly clock: Clock;
  readonly session: Session;
  readonly facts: ServerFacts;
  /** Those that the history and the schema topic describe. */
  readonly tables: readonly Table[];
  readonly history: SchemaHistory | null;
  readonly offset: SourceOffset;
  readonly source: (database: string, table: string | null, isLast: boolean) => EventSource;
  readonly signal: AbortSignal;
}

/** The catalogue as statements that would make it, in Debezium's order: told one by one, and kept in the history. */
export async function* schemaSnapshot(
  options: SchemaSnapshotOptions,
): AsyncGenerator<SourceRecord, void> {
  const { clock, history, offset, settings, signal, source, topics } = options;
  const tells = settings.config['include.schema.changes'];
  if (!tells && history === null) return;
  for await (const { database, ddl, changes, isLast } of statements(options)) {
    const entry: HistoryEntry = {
      offset,
      isSnapshot: true,
      timestampMs: clock.nowMs(),
      database,
      ddl,
      changes,
    };
    if (isKept(entry, settings)) await history?.append([entry], signal);
    if (!tells) continue;
    yield schemaEventRecord(
      {
        source: source(database, changes[0]?.name ?? null, isLast),
        offset,
        database,
        ddl,
        changes,
      },
      { settings, topics, clock },
    );
  }
}

/** What is of no table is left out of a history of captured tables, but for the server's character set. */
function isKept({ changes, database }: HistoryEntry, { config }: Settings): boolean {
  const onlyTables = config['schema.history.internal.store.only.captured.tables.ddl'];
  return !onlyTables || changes.length > 0 || database === '';
}

interface Statement {
  readonly database: string;
  readonly ddl: string;
  readonly changes: readonly TableChange[];
  readonly isLast: boolean;
}

async function* statements(options: SchemaSnapshotOptions): AsyncGenerator<Statement, void> {
  let held: Omit<Statement, 'isLast'> | undefined;
  for await (const next of eachStatement(options)) {
    if (held !== undefined) yield { ...held, isLast: false };
    held = next;
  }
  if (held !== undefined) yield { ...held, isLast: true };
}

async function* eachStatement(
  options: SchemaSnapshotOptions,
): AsyncGenerator<Omit<Statement, 'isLast'>, void> {
  const { facts, session, tables } = options;
  const charset = facts.variables.get('character_set_server') ?? 'utf8mb4';
  const collation = facts.variables.get('collation_server') ?? 'utf8mb4_general_ci';
  yield {
    database: '',
    ddl: `SET character_set_server=${charset}, collation_server=${collation}`,
    changes: [],
  };
  for (const { database, name } of tables)
    yield {
      database,
      ddl: `DROP TABLE IF EXISTS ${quoteTable({ database, name })}`,
      changes: [{ type: 'DROP', database, name, table: null }],
    };
  const defaults = await databaseDefaults(session);
  for (const database of new Set(tables.map((table) => table.database))) {
    const quoted = quoteName(database);
    yield { database, ddl: `DROP DATABASE IF EXISTS ${quoted}`, changes: [] };
    yield {
      database,
      ddl: `CREATE DATABASE ${quoted}${defaults.get(database) ?? ''}`,
      changes: [],
    };
    yield { database, ddl: `USE ${quoted}`, changes: [] };
    for (const table of tables.filter((each) => each.database === database)) {
      const [row] = await session.query(`SHOW CREATE TABLE ${quoteTable(table)}`);
      yield {
        database,
        ddl: row?.['Create Table'] ?? '',
        changes: [{ type: 'CREATE', database, name: table.name, table }],
      };
    }
  }
}

async function databaseDefaults(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(
    'SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA',
  );
  return new Map(
    rows.map((row) => [
      row['name'] ?? '',
      ` CHARSET ${row['charset'] ?? ''} COLLATE ${row['collation'] ?? ''}`,
    ]),
  );
}
