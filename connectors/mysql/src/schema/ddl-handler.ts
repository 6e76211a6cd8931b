import type { TopicNaming } from '@millrace/cdc';
import type { Clock } from '@millrace/foundation';
import { int64, type SourceRecord } from '@millrace/record';
import type { Settings } from '../settings.ts';
import type { DdlEvent } from '../stream.ts';
import type { TableShape } from '../table-shape.ts';
import type { NamedTable } from './ddl.ts';
import type { SchemaHistory } from './history.ts';
import { schemaEventRecord } from './schema-events.ts';
import type { TableChange, TableChangeType } from './table-change.ts';
import type { SessionSource, Tables } from './tables.ts';

export interface DdlHandlerOptions {
  readonly settings: Settings;
  readonly topics: TopicNaming;
  readonly clock: Clock;
  readonly tables: Tables;
  readonly sessions: SessionSource;
  readonly history: SchemaHistory | null;
  readonly signal: AbortSignal;
}

const TYPES: Readonly<Record<string, TableChangeType>> = {
  'create-table': 'CREATE',
  'alter-table': 'ALTER',
  'rename-table': 'ALTER',
  'drop-table': 'DROP',
};

/** What a statement in the stream becomes: an entry of the history, and a record in the topic of schema changes. */
export async function handleDdl(
  event: DdlEvent,
  options: DdlHandlerOptions,
): Promise<readonly SourceRecord[]> {
  const { clock, history, settings, signal, topics } = options;
  const { ddl, offset, source, statement } = event;
  if (ddl.kind === 'other' || ddl.kind === 'dml') return [];
  if (ddl.kind === 'truncate-table') return truncations(event, options);
  if (!concerns(event, settings) || settings.skipsDdl(statement)) return [];
  const changes = await changesOf(event, options);
  const database = ddl.tables[0]?.database ?? ddl.database;
  await history?.append(
    [
      {
        offset,
        isSnapshot: false,
        timestampMs: clock.nowMs(),
        database,
        ddl: statement,
        changes,
      },
    ],
    signal,
  );
  if (!settings.config['include.schema.changes']) return [];
  return [
    schemaEventRecord(
      { source, offset, database, ddl: statement, changes },
      { settings, topics, clock },
    ),
  ];
}

/** As in Debezium the statements of tables that nobody captures are told too, unless a setting says otherwise. */
function concerns({ ddl }: DdlEvent, settings: Settings): boolean {
  const { config } = settings;
  const databases =
    ddl.tables.length === 0 ? [ddl.database] : ddl.tables.map((each) => each.database);
  if (databases.every((database) => isSystem(database))) return false;
  if (
    config['schema.history.internal.store.only.captured.databases.ddl'] &&
    !databases.some((database) => settings.capturesDatabase(database))
  )
    return false;
  return (
    !config['schema.history.internal.store.only.captured.tables.ddl'] ||
    ddl.tables.length === 0 ||
    ddl.tables.some(({ database, name }) => settings.capturesTable(database, name))
  );
}

function isSystem(database: string): boolean {
  return /^(?:mysql|information_schema|performance_schema|sys)$/i.test(database);
}

async function changesOf(
  { ddl }: DdlEvent,
  { sessions, tables }: DdlHandlerOptions,
): Promise<readonly TableChange[]> {
  const type = TYPES[ddl.kind];
  if (type === undefined) return [];
  if (type === 'DROP') return ddl.tables.map((named) => ({ type, ...named, table: null }));
  const renamed = new Map(ddl.renames.map(([from, to]) => [keyOf(to), from]));
  const left = new Set(ddl.renames.map(([from]) => keyOf(from)));
  const changes: TableChange[] = [];
  for (const named of ddl.tables) {
    if (left.has(keyOf(named)) && !renamed.has(keyOf(named))) continue; // told with its new name
    const table = await tables.refresh(named, sessions);
    if (table === null) continue; // gone by now: a later statement says so
    const previous = renamed.get(keyOf(named));
    changes.push({ type, ...named, table, ...(previous === undefined ? {} : { previous }) });
  }
  return changes;
}

function keyOf({ database, name }: NamedTable): string {
  return `${database}\0${name}`;
}

/** One record for each table, without rows. */
async function truncations(
  { ddl, offset, source }: DdlEvent,
  { clock, sessions, settings, tables }: DdlHandlerOptions,
): Promise<readonly SourceRecord[]> {
  if (settings.skipped.has('t')) return [];
  const records: SourceRecord[] = [];
  for (const named of ddl.tables) {
    if (!settings.capturesTable(named.database, named.name)) continue;
    const shape = tables.knownShape(named) ?? (await describeNow(named, tables, sessions));
    if (shape === undefined) continue; // gone by now, and never seen
    const nowMs = clock.nowMs();
    records.push({
      topic: shape.topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: shape.valueSchema,
      value: {
        before: null,
        after: null,
        source: source.value(0),
        transaction: null,
        op: 't',
        ts_ms: nowMs,
        ts_us: nowMs * 1000,
        ts_ns: int64(BigInt(nowMs) * 1_000_000n),
      },
      timestampMs: null,
      headers: source.of.task.headers,
      sourcePartition: source.of.task.sourcePartition,
      sourceOffset: offset,
    });
  }
  return records;
}

async function describeNow(
  named: NamedTable,
  tables: Tables,
  sessions: SessionSource,
): Promise<TableShape | undefined> {
  const table = await tables.refresh(named, sessions);
  return table === null ? undefined : tables.describe(table);
}
