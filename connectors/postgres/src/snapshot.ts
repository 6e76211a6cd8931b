import { snapshotMarker, type SnapshotMarker } from '@millrace/cdc';
import type { Clock, Logger } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { quoteName, quoteTable, quoteText, readTables, type Table } from './catalog.ts';
import type { Session } from './connection.ts';
import { CopySocket } from './copy-socket.ts';
import { publishedTables } from './publication.ts';
import type { Progress } from './progress.ts';
import type { Relations } from './relations.ts';
import {
  copyable,
  RowRecord,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from './row-record.ts';
import type { Settings } from './settings.ts';
import type { ReadLimits } from './stream/change-stream.ts';
import type { TableShape } from './table-shape.ts';

export interface SnapshotOptions {
  readonly settings: Settings;
  readonly session: Session;
  readonly relations: Relations;
  readonly task: TaskRecords;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly log: Logger;
  /** The snapshot that a slot exported; null: the present, at `lsn`. */
  readonly snapshotName: string | null;
  /** Where the snapshot stands in the stream; undefined: asked of the server. */
  readonly lsn: number | undefined;
  /** Where the stream will begin, if earlier. */
  readonly streamFromLsn: number | null;
}

export interface SnapshotFigures {
  readonly tableCount: number;
  readonly tablesDone: number;
  readonly rowCount: number;
}

interface SnapshotTable {
  readonly shape: TableShape;
  readonly sql: string;
}

interface HeldRow {
  readonly shape: TableShape;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly isFirst: boolean;
  readonly isFirstInTable: boolean;
}

const FRAME_COPY_DATA = 0x64;
const FRAME_ERROR = 0x45;
const FRAME_READY = 0x5a;

/**
 * The rows of all captured tables at one moment: that of an exported snapshot, so that the stream begins exactly where it
 * ends. Tables come one after another by COPY; the socket is paused while nobody reads. One row is held back, since
 * the last one of a table and of all has a marker of its own. It can't be resumed: a crash takes it again.
 */
export class TableSnapshot {
  readonly #lsn: number;
  /** Where the stream goes on after it. */
  readonly streamFromLsn: number;
  readonly #options: SnapshotOptions;
  readonly #socket: CopySocket;
  readonly #tables: readonly SnapshotTable[];
  readonly #contexts: Readonly<Record<SnapshotMarker, TransactionContext>>;
  #tableIndex = -1;
  #isCopying = false;
  #isTableFresh = true;
  #held: HeldRow | null = null;
  #rowCount = 0;
  #isDone = false;
  #records: SourceRecord[] = [];
  #batch: BatchContext = { nowMs: 0, tails: new Map(), extras: null };

  private constructor(
    options: SnapshotOptions,
    tables: readonly SnapshotTable[],
    moment: { readonly lsn: number; readonly txId: number; readonly micros: number },
  ) {
    this.#options = options;
    this.#tables = tables;
    this.#lsn = moment.lsn;
    this.streamFromLsn = options.streamFromLsn ?? moment.lsn;
    this.#contexts = contextsOf(options.task, { ...moment, lastCommitLsn: options.streamFromLsn });
    this.#socket = new CopySocket(options.session.client, {
      clock: options.clock,
      bytesMax: options.settings.queueBytesMax,
      isPaced: false,
    });
  }

  /** Takes hold of the snapshot; once resolved, whoever exported it may let it go. */
  static async open(options: SnapshotOptions): Promise<TableSnapshot> {
    const { session, settings } = options;
    await session.query('SET statement_timeout = 0');
    await session.query('SET idle_in_transaction_session_timeout = 0');
    await session.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (options.snapshotName !== null)
      await session.query(`SET TRANSACTION SNAPSHOT ${quoteText(options.snapshotName)}`);
    const [now] = await session.query(
      `SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS tx_id,
         (pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp()) * 1000000)::bigint AS micros,
         CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
           ELSE pg_catalog.pg_current_wal_lsn() END - '0/0'::pg_lsn AS lsn`,
    );
    const tables = publishedTables(
      await readTables(session, settings.capturesTable),
      settings,
    ).filter((table) => settings.snapshotsTable(table.schema, table.name));
    await lockTables(session, settings, tables);
    const described: SnapshotTable[] = [];
    for (const table of tables) {
      const shape = await options.relations.describe(session, table);
      described.push({ shape, sql: copyStatement(table, shape, settings) });
    }
    return new TableSnapshot(options, described, {
      lsn: options.lsn ?? Number(now?.['lsn']),
      txId: Number(now?.['tx_id']) % 4_294_967_296,
      micros: Number(now?.['micros']),
    });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get figures(): SnapshotFigures {
    return {
      tableCount: this.#tables.length,
      tablesDone: Math.max(0, this.#isDone ? this.#tables.length : this.#tableIndex),
      rowCount: this.#rowCount,
    };
  }

  /** The next rows; none when nothing came in time, or when it is done. */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock, progress, session, settings } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#batch = { nowMs: clock.nowMs(), tails: new Map(), extras: null };
    try {
      for (;;) {
        this.#decodeFrames(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#records.length > 0 || this.#isDone || leftMs <= 0) break;
        await this.#socket.waitForBytes(leftMs, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      // What was read of a broken snapshot is of no use: it is taken again as a whole.
      throw session.classify(error);
    }
    const records = this.#records;
    this.#records = [];
    const last = records.at(-1);
    if (last !== undefined) progress.emitted(last);
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#socket.close(timeoutMs);
  }

  #decodeFrames(limits: ReadLimits): void {
    const { frames } = this.#socket;
    let bytes = 0;
    if (!this.#isCopying && !this.#isDone) this.#nextTable();
    while (this.#records.length < limits.recordsMax && bytes < limits.bytesMax && frames.next()) {
      bytes += frames.end - frames.start;
      switch (frames.type) {
        case FRAME_COPY_DATA:
          this.#row(frames.buffer, frames.start, frames.end);
          break;
        case FRAME_ERROR:
          throw this.#options.session.classify(this.#socket.serverError());
        case FRAME_READY:
          this.#nextTable();
          break;
        default:
          break; // the frames around the data of a COPY
      }
    }
    this.#socket.makeRoom();
  }

  #nextTable(): void {
    this.#isTableFresh = true;
    const table = this.#tables[++this.#tableIndex];
    if (table === undefined) {
      this.#isCopying = false;
      this.#isDone = true;
      this.#release(null);
      return;
    }
    this.#options.log.info(
      {
        table: `${table.shape.schema}.${table.shape.table}`,
        number: this.#tableIndex + 1,
        of: this.#tables.length,
      },
      'snapshot reads a table',
    );
    this.#isCopying = true;
    this.#socket.sendQuery(table.sql);
  }

  #row(buffer: Buffer, start: number, end: number): void {
    const shape = this.#tables[this.#tableIndex]?.shape;
    if (shape === undefined) return;
    const isFirst = this.#rowCount === 0;
    this.#rowCount++;
    this.#release(shape);
    this.#held = { shape, buffer, start, end, isFirst, isFirstInTable: this.#isTableFresh };
    this.#isTableFresh = false;
  }

  /** Hands out the row held back; `next` is the table of the row that follows, null at the end. */
  #release(next: TableShape | null): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    const isLast = next === null;
    const isInside = next === held.shape && !held.isFirstInTable;
    const marker = isInside
      ? 'true'
      : snapshotMarker({
          isFirst: held.isFirst,
          isFirstInTable: held.isFirstInTable,
          isLastInTable: next !== held.shape,
          isLast,
        });
    const rows = {
      buffer: held.buffer,
      end: held.end,
      oldAt: -1,
      newAt: held.start,
      fillAt: -1,
      isCopy: true,
      lsn: this.#lsn,
      countAtLsn: 0,
      messageType: 'READ',
      isLastOfSnapshot: isLast,
    };
    this.#records.push(
      new RowRecord(
        held.shape,
        'r',
        rows,
        this.#contexts[marker],
        this.#batch,
        null,
        this.#options.task.headers,
      ),
    );
  }
}

function contextsOf(
  task: TaskRecords,
  moment: {
    readonly txId: number;
    readonly micros: number;
    readonly lastCommitLsn: number | null;
  },
): Readonly<Record<SnapshotMarker, TransactionContext>> {
  const context = (snapshot: SnapshotMarker): TransactionContext => ({
    task,
    txId: moment.txId,
    commitMicros: moment.micros,
    lastCommitLsn: moment.lastCommitLsn,
    sequenceLsn: null,
    origin: null,
    originLsn: null,
    snapshot,
    sources: new Map(),
  });
  return {
    first: context('first'),
    first_in_data_collection: context('first_in_data_collection'),
    true: context('true'),
    last_in_data_collection: context('last_in_data_collection'),
    last: context('last'),
    false: context('false'),
    incremental: context('incremental'),
  };
}

async function lockTables(
  session: Session,
  settings: Settings,
  tables: readonly Table[],
): Promise<void> {
  if (settings.config['snapshot.locking.mode'] !== 'shared' || tables.length === 0) return;
  await session.query(`SET lock_timeout = ${settings.config['snapshot.lock.timeout.ms']}`);
  await session.query(`LOCK TABLE ${tables.map(quoteTable).join(', ')} IN ACCESS SHARE MODE`);
}

/** Columns that nobody captures are not read: NULL keeps their place. */
function copyStatement(table: Table, shape: TableShape, settings: Settings): string {
  const override = settings.selectOverrides.get(`${table.schema}.${table.name}`.toLowerCase());
  const captured = new Set(shape.columns.map((column) => column.name));
  const names = table.columns.map((column) =>
    captured.has(column.name) ? quoteName(column.name) : 'NULL',
  );
  if (override !== undefined)
    return `COPY (SELECT ${names.join(', ')} FROM (${override.replace(/;\s*$/, '')}) AS rows_to_read) TO STDOUT`;
  if (table.isPartitioned)
    return `COPY (SELECT ${names.join(', ')} FROM ${quoteTable(table)}) TO STDOUT`;
  return names.length === captured.size && names.length > 0
    ? `COPY ${quoteTable(table)} (${names.join(', ')}) TO STDOUT`
    : `COPY (SELECT ${names.join(', ')} FROM ONLY ${quoteTable(table)}) TO STDOUT`;
}
