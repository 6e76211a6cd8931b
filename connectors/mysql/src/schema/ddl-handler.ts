import type { TopicNaming } from '@millrace/cdc';
import type { Clock } from '@millrace/foundation';
import { int64, type SourceRecord } from '@millrace/record';
import { quoteTable, type Table } from '../catalog.ts';
import { EventSource } from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { DdlEvent } from '../stream.ts';
import type { TableShape } from '../table-shape.ts';
import { bareStatement, renameStatements, type Ddl, type NamedTable } from './ddl.ts';
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
  'create-index': 'ALTER',
  'drop-index': 'ALTER',
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
  const told = await toldOf(event, options);
  const names = [...new Set(told.flatMap(({ changes }) => changes.map(({ name }) => name)))];
  const ofTables = new EventSource({ ...source.of, table: names.join() });
  const database = ddl.tables[0]?.database ?? ddl.database;
  await history?.append(
    told.map((each) => ({
      ...each,
      offset,
      isSnapshot: false,
      timestampMs: clock.nowMs(),
      database,
    })),
    signal,
  );
  if (!settings.config['include.schema.changes']) return [];
  return told.map((each) =>
    schemaEventRecord({ ...each, source: ofTables, offset, database }, { settings, topics, clock }),
  );
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
    ddl.tables.some(({ database, name }) => settings.capturesTable(database, name))
  );
}

function isSystem(database: string): boolean {
  return /^(?:mysql|information_schema|performance_schema|sys)$/i.test(database);
}

/** A statement as it is told: one that changes several tables is told as several. */
interface Told {
  readonly ddl: string;
  readonly changes: readonly TableChange[];
}

async function toldOf(event: DdlEvent, options: DdlHandlerOptions): Promise<readonly Told[]> {
  const { ddl } = event;
  const statement = bareStatement(event.statement);
  switch (ddl.kind) {
    case 'drop-table': {
      const words = `DROP TABLE${ddl.isConditional ? ' IF EXISTS' : ''}`;
      return ddl.tables.map((named) => ({
        ddl: `${words} ${quoteTable(named)}`,
        changes: [{ type: 'DROP', ...named, table: null }],
      }));
    }
    case 'rename-table': {
      const changes = await changesOf(event, options);
      const statements = renameStatements(statement);
      if (statements.length !== ddl.renames.length) return [{ ddl: statement, changes }];
      return ddl.renames.map(([, to], index) => ({
        ddl: statements[index] ?? statement,
        changes: changes.filter((change) => keyOf(change) === keyOf(to)),
      }));
    }
    default: {
      const told = { ddl: statement, changes: await changesOf(event, options) };
      const { config } = options.settings;
      const isLeftOut =
        told.changes.length === 0 &&
        ddl.tables.length > 0 &&
        config['schema.history.internal.store.only.captured.tables.ddl'];
      return isLeftOut ? [] : [told];
    }
  }
}

async function changesOf(
  { ddl, statement }: DdlEvent,
  { sessions, tables }: DdlHandlerOptions,
): Promise<readonly TableChange[]> {
  const type = TYPES[ddl.kind];
  if (type === undefined) return [];
  const renamed = new Map(ddl.renames.map(([from, to]) => [keyOf(to), from]));
  const left = new Set(ddl.renames.map(([from]) => keyOf(from)));
  const changes: TableChange[] = [];
  for (const named of ddl.tables) {
    if (left.has(keyOf(named)) && !renamed.has(keyOf(named))) continue; // told with its new name
    const before = tables.former(named);
    const table = await tables.refresh(named, sessions);
    if (table === null) continue; // gone by now: a later statement says so
    if (before !== null && isWithoutEffect(ddl, statement) && sameKey(before, table)) continue;
    const previous = renamed.get(keyOf(named));
    changes.push({ type, ...named, table, ...(previous === undefined ? {} : { previous }) });
  }
  return changes;
}

/** On columns: an index may still be what makes the key. */
function isWithoutEffect(ddl: Ddl, statement: string): boolean {
  return (
    ddl.kind === 'drop-index' ||
    (ddl.kind === 'create-index' && !/\bUNIQUE\b/i.test(statement)) ||
    (ddl.kind === 'create-table' && ddl.isConditional)
  );
}

function sameKey(left: Table, right: Table): boolean {
  return (
    left.primaryKey.join('\0') === right.primaryKey.join('\0') &&
    left.uniqueKey.join('\0') === right.uniqueKey.join('\0')
  );
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
