import { copyable, type Notifier, type Operation } from '@millrace/cdc';
import type { Clock, Logger } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { quoteTable, readTables, type Table } from '../catalog.ts';
import type { Session } from '../connection.ts';
import { publishedTables } from '../publication.ts';
import type { Progress } from '../progress.ts';
import type { Relations } from '../relations.ts';
import type { TaskRecords } from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { ReadLimits } from '../stream/change-stream.ts';
import { closeLanes, openLanes, waitForAny, type Lane } from './snapshot-lanes.ts';
import {
  orderByRowCount,
  chunksOf,
  planTable,
  type PlannedTable,
  type SnapshotChunk,
} from './snapshot-plan.ts';
import type { SnapshotProgress } from './snapshot-progress.ts';
import { SnapshotRows } from './snapshot-rows.ts';

export interface SnapshotOptions {
  readonly settings: Settings;
  readonly relations: Relations;
  readonly task: TaskRecords;
  readonly progress: Progress;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serverVersion: number;
  /** For the catalogue; the caller's. */
  readonly session: Session;
  /** The snapshot that a slot exported; null: the present, at `lsn`. */
  readonly snapshotName: string | null;
  /** Where the snapshot stands in the stream; undefined: asked of the server. */
  readonly lsn: number | undefined;
  /** Where the stream goes on, if earlier. */
  readonly streamFromLsn: number | null;
  /** What was read before. */
  readonly done: SnapshotProgress;
}

export interface SnapshotFigures {
  readonly tableCount: number;
  readonly tablesDone: number;
  readonly rowCount: number;
  readonly rowsEstimate: number;
  readonly durationMs: number;
}

interface TableInProgress {
  readonly table: PlannedTable;
  readonly chunks: Iterator<SnapshotChunk, void>;
  rowCount: number;
  chunksOpen: number;
  /** Chunks whose rows are not all handed out. */
  chunksInside: number;
  isExhausted: boolean;
  isEnded: boolean;
  isTold: boolean;
}

const FRAME_COPY_DATA = 0x64;
const FRAME_ERROR = 0x45;
const FRAME_READY = 0x5a;
/** Statements under way on a connection: one that is read, and the next. */
const CHUNKS_SENT = 2;
const LOG_INTERVAL_MS = 30_000;

/**
 * The rows of all captured tables at one moment: that of an exported snapshot, so that the stream begins exactly where it
 * ends. Tables come in order, in chunks of blocks, over one or several connections that all see that moment; sockets are
 * paused while nobody reads. How far it is stands in the offset of each record, so that a crash, or a connection that
 * breaks, goes on with the chunks that are left (at a later moment then, up to which the stream is read before).
 */
export class TableSnapshot {
  readonly #options: SnapshotOptions;
  readonly #lanes: readonly Lane[];
  readonly #tables: readonly PlannedTable[];
  readonly #rows: SnapshotRows;
  readonly #lsn: number;
  #streamFromLsn: number | null;
  readonly #startedMs: number;
  readonly #inProgress = new Map<PlannedTable, TableInProgress>();
  #tableIndex = 0;
  #tablesDone: number;
  #rowCount = 0;
  #isDone = false;
  #loggedMs: number;
  #firstLane = 0;
  /** Tables that this object has added to `done`. */
  #doneHere = 0;

  private constructor(
    options: SnapshotOptions,
    lanes: readonly Lane[],
    tables: readonly PlannedTable[],
    moment: { readonly lsn: number; readonly txId: number; readonly micros: number },
  ) {
    this.#options = options;
    this.#lanes = lanes;
    this.#tables = tables;
    this.#tablesDone = options.done.doneCount;
    this.#lsn = moment.lsn;
    this.#streamFromLsn = options.streamFromLsn;
    this.#rows = new SnapshotRows(
      options.task,
      { ...moment, lastCommitLsn: options.streamFromLsn, kind: options.done.kind },
      (chunk) => {
        this.#chunkOut(chunk);
      },
    );
    this.#startedMs = options.clock.monotonicMs();
    this.#loggedMs = this.#startedMs;
  }

  /** Takes hold of the snapshot; once resolved, whoever exported it may let it go. */
  static async open(options: SnapshotOptions, signal: AbortSignal): Promise<TableSnapshot> {
    const { settings, clock, session, done, log, notifier } = options;
    const count = settings.config['snapshot.max.threads'];
    const lanes = await openLanes({
      settings,
      clock,
      count,
      snapshotName: options.snapshotName,
      signal,
    });
    try {
      const [lane] = lanes;
      const [now = []] = (await lane?.copy.query(MOMENT, signal)) ?? [];
      const tables = await tablesToRead(session, settings, done);
      for (const { copy } of lanes) await copy.query(lockSql(settings, tables), signal);
      const planned: PlannedTable[] = [];
      for (const table of tables) {
        const id = `${table.schema}.${table.name}`;
        if (done.isTableDone(id)) continue;
        const shape =
          done.kind === 'INITIAL' && options.streamFromLsn === null
            ? await options.relations.describe(session, table)
            : await options.relations.describeAside(session, table);
        planned.push(await planTable(table, shape, selectOf(id, settings, done), options));
      }
      orderByRowCount(planned, settings);
      const names = tables.map((table) => `${table.schema}.${table.name}`);
      log.info(
        {
          tables: names.length,
          tablesDone: done.doneCount,
          isResumed: !done.isEmpty,
          connections: count,
        },
        'snapshot reads tables',
      );
      notifier.notify('Initial Snapshot', 'STARTED');
      return new TableSnapshot(options, lanes, planned, {
        lsn: options.lsn ?? Number(now[2]),
        txId: Number(now[0]) % 4_294_967_296,
        micros: Number(now[1]),
      });
    } catch (error) {
      await closeLanes(lanes);
      throw error;
    }
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Where the snapshot stands in the stream. */
  get lsn(): number {
    return this.#lsn;
  }

  /** Where the stream goes on after it. */
  get streamFromLsn(): number {
    return this.#streamFromLsn ?? this.#lsn;
  }

  /** The stream came to the snapshot: what is stored from now on must not lie before. */
  streamStandsAt(lsn: number): void {
    if (lsn === this.#streamFromLsn) return;
    this.#streamFromLsn = lsn;
    this.#rows.streamStandsAt(lsn);
  }

  /** How far it is, by what was handed out. */
  get done(): SnapshotProgress {
    return this.#options.done;
  }

  get figures(): SnapshotFigures {
    const { clock, done } = this.#options;
    return {
      tableCount: this.#tables.length + done.doneCount - this.#doneHere,
      tablesDone: this.#tablesDone,
      rowCount: this.#rowCount,
      rowsEstimate: this.#tables.reduce((sum, table) => sum + table.rowsEstimate, 0),
      durationMs: clock.monotonicMs() - this.#startedMs,
    };
  }

  /** The next rows; none when nothing came in time, or when it is done. */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock, progress, settings, task } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#newBatch();
    // What the last poll handed out was taken by now.
    this.#rows.begin();
    if (task.takesRuns) for (const { copy } of this.#lanes) copy.socket.recycle();
    try {
      for (;;) {
        this.#decode(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#rows.count > 0 || this.#isDone || leftMs <= 0) break;
        await waitForAny(this.#lanes, leftMs, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw this.#lanes[0]?.copy.classify(error) ?? error;
    }
    const records = this.#rows.take();
    if (task.takesRuns) this.#rows.keep();
    const last = records.at(-1);
    if (last !== undefined) progress.emitted(last);
    this.#logProgress();
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  /** The offset as it holds at the end of what was read; for notifications. */
  get offset(): SourceOffset {
    return {
      lsn: this.#lsn,
      ...(this.#streamFromLsn === null ? {} : { lsn_commit: this.#streamFromLsn }),
      ...(this.#isDone
        ? { snapshot: this.done.kind, snapshot_completed: true, last_snapshot_record: true }
        : this.done.extras),
    };
  }

  async close(timeoutMs: number): Promise<void> {
    await closeLanes(this.#lanes, timeoutMs);
  }

  #newBatch(): void {
    const { nowMs, tails } = this.#rows.batch;
    const now = this.#options.clock.nowMs();
    this.#rows.batch = {
      nowMs: now,
      tails: now === nowMs ? tails : new Map<Operation, Buffer>(),
      extras: this.done.extras,
    };
  }

  #decode(limits: ReadLimits): void {
    let bytesLeft = limits.bytesMax;
    // Each time another one is first, so that none waits for ever.
    this.#firstLane = (this.#firstLane + 1) % this.#lanes.length;
    for (const lane of [
      ...this.#lanes.slice(this.#firstLane),
      ...this.#lanes.slice(0, this.#firstLane),
    ]) {
      this.#sendChunks(lane);
      bytesLeft = this.#decodeLane(lane, limits.recordsMax, bytesLeft);
    }
    if (this.#isDone || this.#lanes.some((lane) => lane.chunks.length > 0)) return;
    this.#isDone = true;
    this.#rows.ended();
    this.#options.notifier.notify('Initial Snapshot', 'COMPLETED');
  }

  #decodeLane(lane: Lane, recordsMax: number, bytesMax: number): number {
    const { socket } = lane.copy;
    const { frames } = socket;
    const rows = this.#rows;
    let bytes = 0;
    let chunk = lane.chunks[0];
    let rowCount = 0;
    while (rows.count < recordsMax && bytes < bytesMax && frames.next()) {
      bytes += frames.end - frames.start;
      switch (frames.type) {
        case FRAME_COPY_DATA:
          if (chunk === undefined) break;
          rowCount++;
          rows.row(chunk, frames.buffer, frames.start, frames.end);
          break;
        case FRAME_ERROR:
          throw lane.copy.classify(socket.serverError());
        case FRAME_READY:
          this.#countRows(chunk, rowCount);
          rowCount = 0;
          this.#chunkEnded(lane);
          chunk = lane.chunks[0];
          break;
        default:
          break; // the frames around the data of a COPY
      }
    }
    this.#countRows(chunk, rowCount);
    socket.makeRoom();
    return bytesMax - bytes;
  }

  #countRows(chunk: SnapshotChunk | undefined, count: number): void {
    this.#rowCount += count;
    const table = chunk === undefined ? undefined : this.#inProgress.get(chunk.table);
    if (table !== undefined) table.rowCount += count;
  }

  #chunkEnded(lane: Lane): void {
    const chunk = lane.chunks.shift();
    if (chunk === undefined) return;
    this.#rows.chunkEnded(chunk);
    const table = this.#inProgress.get(chunk.table);
    if (table !== undefined) table.chunksOpen--;
    this.#sendChunks(lane);
    if (table !== undefined) this.#endIfDone(table);
    this.#tell(lane.chunks[0]);
  }

  #sendChunks(lane: Lane): void {
    while (lane.chunks.length < CHUNKS_SENT) {
      const chunk = this.#nextChunk();
      if (chunk === undefined) return;
      lane.chunks.push(chunk);
      if (lane.chunks.length === 1) this.#tell(chunk);
      lane.copy.socket.sendQuery(chunk.sql);
    }
  }

  #nextChunk(): SnapshotChunk | undefined {
    for (; this.#tableIndex < this.#tables.length; this.#tableIndex++) {
      const planned = this.#tables[this.#tableIndex];
      if (planned === undefined) return undefined;
      const table = this.#inProgress.get(planned) ?? this.#begin(planned);
      const next = table.chunks.next();
      if (next.done !== true) {
        table.chunksOpen++;
        table.chunksInside++;
        return next.value;
      }
      table.isExhausted = true;
      this.#endIfDone(table);
    }
    return undefined;
  }

  #begin(planned: PlannedTable): TableInProgress {
    const { done } = this.#options;
    const table = {
      table: planned,
      chunks: chunksOf(planned, done),
      rowCount: 0,
      chunksOpen: 0,
      chunksInside: 0,
      isExhausted: false,
      isEnded: false,
      isTold: false,
    };
    this.#inProgress.set(planned, table);
    return table;
  }

  /** A table is told of when the first of its rows are read, not when they are asked for. */
  #tell(chunk: SnapshotChunk | undefined): void {
    const table = chunk === undefined ? undefined : this.#inProgress.get(chunk.table);
    if (table === undefined || table.isTold) return;
    table.isTold = true;
    const { log, notifier } = this.#options;
    const { table: planned } = table;
    log.info(
      {
        table: planned.id,
        rowsEstimate: planned.rowsEstimate,
        number: this.#tables.indexOf(planned) + 1,
        of: this.#tables.length,
      },
      'snapshot reads a table',
    );
    notifier.notify('Initial Snapshot', 'IN_PROGRESS', {
      data_collections: this.#tables.map(({ id }) => id).join(','),
      current_collection_in_progress: planned.id,
    });
  }

  #endIfDone(table: TableInProgress): void {
    if (!table.isExhausted || table.chunksOpen > 0 || table.isEnded) return;
    table.isEnded = true;
    this.#rows.tableEnded(table.table);
    this.#tablesDone++;
    this.#options.notifier.notify('Initial Snapshot', 'TABLE_SCAN_COMPLETED', {
      data_collections: this.#tables.map(({ id }) => id).join(','),
      scanned_collection: table.table.id,
      total_rows_scanned: String(table.rowCount),
      status: table.rowCount === 0 ? 'EMPTY' : 'SUCCEEDED',
    });
    this.#markIfOut(table);
  }

  /** Rows that come after this know that it is done. */
  #chunkOut(chunk: SnapshotChunk): void {
    const table = this.#inProgress.get(chunk.table);
    if (table === undefined) return;
    table.chunksInside--;
    if (chunk.range !== null)
      this.done.blocksDone(chunk.source.id, chunk.source.fileNode, chunk.range);
    else if (chunk.table.sources.length > 1)
      this.done.blocksDone(chunk.source.id, chunk.source.fileNode, [0, null]);
    this.#markIfOut(table);
    this.#newBatch();
  }

  #markIfOut(table: TableInProgress): void {
    if (!table.isEnded || table.chunksInside > 0) return;
    this.#doneHere++;
    this.#inProgress.delete(table.table);
    this.done.tableDone(
      table.table.id,
      table.table.sources.map((source) => source.id),
    );
  }

  #logProgress(): void {
    const { clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#loggedMs < LOG_INTERVAL_MS) return;
    this.#loggedMs = nowMs;
    log.info({ ...this.figures }, 'snapshot goes on');
  }
}

const MOMENT = `SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()),
  (pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp()) * 1000000)::bigint,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
    ELSE pg_catalog.pg_current_wal_lsn() END - '0/0'::pg_lsn`;

async function tablesToRead(
  session: Session,
  settings: Settings,
  done: SnapshotProgress,
): Promise<readonly Table[]> {
  const captured = publishedTables(await readTables(session, settings.capturesTable), settings);
  const rank = ({ schema, name }: Table): number => settings.snapshotRank(schema, name);
  const tables = [...captured].sort((left, right) => rank(left) - rank(right));
  const { request } = done;
  if (request === null)
    return tables.filter((table) => settings.snapshotsTable(table.schema, table.name));
  const wanted = new Set(request.tables.map((table) => table.id));
  return tables.filter((table) => wanted.has(`${table.schema}.${table.name}`));
}

function selectOf(id: string, settings: Settings, done: SnapshotProgress): string | null {
  const asked = done.request?.tables.find((table) => table.id === id)?.select ?? null;
  return asked ?? settings.selectOverrides.get(id.toLowerCase()) ?? null;
}

function lockSql(settings: Settings, tables: readonly Table[]): string {
  if (settings.config['snapshot.locking.mode'] !== 'shared' || tables.length === 0) return '';
  return `SET lock_timeout = ${settings.config['snapshot.lock.timeout.ms']}; LOCK TABLE ${tables.map(quoteTable).join(', ')} IN ACCESS SHARE MODE`;
}
