import type { TopicNaming } from '@millrace/cdc';
import type { Clock, Logger } from '@millrace/foundation';
import { readTables, type Table } from '../catalog.ts';
import { snapshotOffset, type OffsetPosition } from '../position.ts';
import { EventSource, type TaskRecords } from '../row-record.ts';
import type { SchemaHistory } from '../schema/history.ts';
import type { Tables } from '../schema/tables.ts';
import type { Session } from '../connection.ts';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import type { Settings } from '../settings.ts';
import { snapshotTable } from './chunks.ts';
import { openMoment, type Moment } from './moment.ts';
import { encodeProgress, NO_PROGRESS, type Progress } from './progress.ts';
import { schemaSnapshot, type SchemaSnapshotOptions } from './schema-snapshot.ts';
import { TableSnapshot } from './snapshot.ts';

export interface SnapshotRequest {
  readonly isMeant: (table: string) => boolean;
  /** A whole SELECT in place of the table; undefined: none. */
  readonly selectOf: (table: string) => string | undefined;
  readonly offsetOf: (isLast: boolean) => SourceOffset;
}

export interface OpenSnapshotOptions {
  readonly settings: Settings;
  readonly tables: Tables;
  readonly topics: TopicNaming;
  readonly history: SchemaHistory | null;
  readonly task: TaskRecords;
  readonly clock: Clock;
  readonly log: Logger;
  /** An earlier attempt: what it did, and where the stream begins for it. */
  readonly resume: { readonly position: OffsetPosition; readonly progress: Progress } | null;
  /** A snapshot that a signal asks for, of these tables, beside a stream that waits; null: the one before the stream. */
  readonly request: SnapshotRequest | null;
  /** Where the stream begins for a snapshot without rows, or goes on; null: at the moment of the snapshot. */
  readonly beginAt: OffsetPosition | null;
  readonly signal: AbortSignal;
}

export async function openSnapshot(options: OpenSnapshotOptions): Promise<TableSnapshot> {
  const { clock, log, resume, settings, signal, tables, task } = options;
  const moment = await openMoment({ settings, clock, log, signal });
  try {
    const progress = resume?.progress ?? NO_PROGRESS;
    const wanted = ordered(
      moment.tables.filter((table) => isWanted(table, options)),
      settings,
    );
    const shapes = moment.tables.map((table) => [table, tables.describe(table)] as const);
    const shapeOf = new Map(shapes);
    const left = wanted.filter((table) => !progress.done.has(`${table.database}.${table.name}`));
    const streamFrom = resume?.position ?? options.beginAt ?? positionOf(moment);
    const micros = clock.nowMs() * 1000;
    log.info(
      {
        file: streamFrom.file,
        position: streamFrom.position,
        gtids: streamFrom.gtids,
        tables: wanted.length,
        left: left.length,
      },
      resume === null ? 'snapshot begins' : 'snapshot goes on',
    );
    return new TableSnapshot({
      settings,
      task,
      clock,
      log,
      moment,
      tables: left.flatMap((table) => {
        const shape = shapeOf.get(table);
        if (shape === undefined) return [];
        const id = `${table.database}.${table.name}`;
        const override =
          options.request?.selectOf(id) ?? settings.selectOverrides.get(id.toLowerCase());
        return [
          snapshotTable(table, shape, {
            override,
            rowsPerChunk: settings.config['snapshot.fetch.size'],
          }),
        ];
      }),
      tableCount: wanted.length,
      progress,
      streamFrom,
      offsetOf: options.request?.offsetOf ?? null,
      micros,
      preamble:
        options.request === null
          ? await preambleOf(options, moment, streamFrom, micros)
          : nothing(),
    });
  } catch (error) {
    await moment[Symbol.asyncDispose]();
    throw error;
  }
}

function isWanted({ database, name }: Table, { request, settings }: OpenSnapshotOptions): boolean {
  if (request !== null) return request.isMeant(`${database}.${name}`);
  return settings.snapshot.readsRows && settings.snapshotsTable(database, name);
}

/** The catalogue is told once: not by an attempt that goes on with an earlier one. */
async function preambleOf(
  options: OpenSnapshotOptions,
  moment: Moment,
  streamFrom: OffsetPosition,
  micros: number,
): Promise<AsyncGenerator<SourceRecord, void>> {
  const { clock, history, resume, settings, signal, task, topics } = options;
  const { facts, control: session } = moment;
  const source: SchemaSnapshotOptions['source'] = (database, table, isLast) =>
    new EventSource({
      task,
      snapshot:
        isLast && options.request === null && !settings.snapshot.readsRows ? 'last' : 'true',
      database,
      table,
      micros,
      serverId: 0,
      gtid: null,
      file: streamFrom.file,
      position: streamFrom.position,
      thread: null,
      query: null,
    });
  const tables = resume === null ? await describedTables(session, moment, settings) : [];
  const offset = snapshotOffset(
    streamFrom,
    Math.floor(micros / 1_000_000),
    encodeProgress(NO_PROGRESS),
    false,
  );
  const all = { settings, topics, clock, session, facts, tables, history, offset, source, signal };
  return resume === null ? schemaSnapshot(all) : nothing();
}

async function* nothing(): AsyncGenerator<SourceRecord, void> {
  // There is nothing to tell.
}

/** Without a setting to the contrary all tables of the server are described, as in Debezium. */
function describedTables(
  session: Session,
  moment: Moment,
  { config, flavour, capturesDatabase }: Settings,
): Promise<readonly Table[]> {
  if (config['schema.history.internal.store.only.captured.tables.ddl'])
    return Promise.resolve(moment.tables);
  const onlyCaptured = config['schema.history.internal.store.only.captured.databases.ddl'];
  return readTables(
    session,
    flavour,
    (database) =>
      !/^(?:mysql|information_schema|performance_schema|sys)$/i.test(database) &&
      (!onlyCaptured || capturesDatabase(database)),
  );
}

/** As the include list names them, or by size, else by name. */
function ordered(tables: readonly Table[], settings: Settings): readonly Table[] {
  const order = settings.config['snapshot.tables.order.by.row.count'];
  const rank = ({ database, name }: Table): number => settings.snapshotRank(database, name);
  if (order === 'disabled') return tables.toSorted((left, right) => rank(left) - rank(right));
  const sign = order === 'ascending' ? 1 : -1;
  return tables.toSorted((left, right) => sign * (left.rowCountEstimate - right.rowCountEstimate));
}

function positionOf({ facts, position }: Moment): OffsetPosition {
  return {
    file: position?.file ?? '',
    position: position?.position ?? 0,
    gtids: position?.gtids === '' ? null : (position?.gtids ?? null),
    eventsToSkip: 0,
    rowsToSkip: 0,
    server: facts.identity,
  };
}
