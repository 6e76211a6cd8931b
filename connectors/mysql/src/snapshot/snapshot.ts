import { copyable, snapshotMarker, type RowBatch, type SnapshotMarker } from '@millrace/cdc';
import { MillraceError, type Clock, type Logger } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import type { Session } from '../connection.ts';
import { snapshotOffset, type OffsetPosition } from '../position.ts';
import { EventSource, RowRecord, TextRow, type TaskRecords } from '../row-record.ts';
import type { Settings } from '../settings.ts';
import type { ReadLimits } from '../stream.ts';
import type { SnapshotTable } from './chunks.ts';
import type { Moment } from './moment.ts';
import { encodeProgress, type Progress } from './progress.ts';
import { RowOutput } from '../row-output.ts';
import { RowQuery, type ReceivedRow } from './row-query.ts';
import { SnapshotRows } from './snapshot-rows.ts';

export interface SnapshotOptions {
  readonly settings: Settings;
  readonly task: TaskRecords;
  readonly clock: Clock;
  readonly log: Logger;
  readonly moment: Moment;
  /** Those that are left, in the order in which they are read. */
  readonly tables: readonly SnapshotTable[];
  /** Of all, also of those that an earlier attempt did. */
  readonly tableCount: number;
  readonly progress: Progress;
  /** The offset of each row; null: that of a snapshot before the stream. */
  readonly offsetOf: ((isLast: boolean) => SourceOffset) | null;
  /** Where the stream will begin: the first moment, also when this is a later one. */
  readonly streamFrom: OffsetPosition;
  /** The time of the moment, in microseconds. */
  readonly micros: number;
  /** Records before the rows: the catalogue. */
  readonly preamble: AsyncIterator<SourceRecord>;
}

export interface SnapshotFigures {
  readonly tableCount: number;
  readonly tablesDone: number;
  readonly rowCount: number;
}

/** One connection, with the table that it reads. */
interface Worker {
  readonly session: Session;
  table: SnapshotTable | null;
  query: RowQuery | null;
  /** Rows of the chunk in work. */
  chunkRows: number;
  lastRow: ReceivedRow | null;
  /** Held back, since the last row of a table has a marker of its own. */
  held: HeldRow | null;
  isTableFresh: boolean;
}

interface HeldRow {
  readonly table: SnapshotTable;
  readonly row: ReceivedRow;
  readonly isFirst: boolean;
  readonly isFirstInTable: boolean;
  /** What is known to be done once this row is handed out. */
  readonly after: () => void;
}

const NOTHING = (): void => undefined;

/**
 * The rows of all captured tables at one moment. Tables with a key are read in chunks by it, the others as a whole; each
 * connection reads one table at a time, and is paused while nobody takes its rows. Offsets say how far it came, so that
 * another attempt, at a later moment, reads the rest: the stream begins at the first moment in any case, and brings
 * every key to its last state.
 */
export class TableSnapshot {
  readonly #options: SnapshotOptions;
  readonly #workers: Worker[];
  readonly #waiting: SnapshotTable[];
  readonly #done: Set<string>;
  readonly #at: Map<string, readonly string[]>;
  readonly #sources = new Map<string, EventSource>();
  #progressText: string | null = null;
  #isPreambleDone = false;
  /** The last record of the catalogue, until it is known whether a row follows. */
  #heldSchema: SourceRecord | null = null;
  /** The last row of a table, until it is known whether another row follows. */
  #tail: HeldRow | null = null;
  #rowCount = 0;
  #isDone = false;
  readonly #output: RowOutput;
  /** Rows in the run that is being made, as long as the progress in their offsets stays the same. */
  #rowsInRun: SnapshotRows | null = null;
  #batch: RowBatch = { nowMs: 0, tails: new Map() };

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#output = new RowOutput(options.task);
    this.#waiting = [...options.tables];
    this.#done = new Set(options.progress.done);
    this.#at = new Map(options.progress.at);
    this.#workers = options.moment.sessions.map((session) => ({
      session,
      table: null,
      query: null,
      chunkRows: 0,
      lastRow: null,
      held: null,
      isTableFresh: true,
    }));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get streamFrom(): OffsetPosition {
    return this.#options.streamFrom;
  }

  /** For another attempt. */
  get progressText(): string {
    return encodeProgress({ done: this.#done, at: this.#at });
  }

  get figures(): SnapshotFigures {
    const { tableCount, tables } = this.#options;
    const active = this.#workers.filter((worker) => worker.table !== null).length;
    const left = this.#waiting.length + active;
    return {
      tableCount,
      tablesDone: Math.max(
        0,
        this.#isDone ? tableCount : tableCount - Math.min(left, tables.length),
      ),
      rowCount: this.#rowCount,
    };
  }

  /** The next rows; none when nothing came in time, or when it is done. */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock, settings } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#batch = { nowMs: clock.nowMs(), tails: new Map() };
    try {
      for (;;) {
        await this.#takeSchema(limits);
        if (this.#isPreambleDone) this.#takeRows(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#output.count > 0 || this.#isDone || leftMs <= 0) break;
        await this.#wait(leftMs, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (this.#output.count === 0)
        throw error instanceof MillraceError
          ? error
          : (this.#workers[0]?.session.classify(error) ?? error);
    }
    const records = this.#output.take();
    this.#rowsInRun = null;
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  async close(): Promise<void> {
    await this.#options.moment[Symbol.asyncDispose]();
  }

  async #takeSchema(limits: ReadLimits): Promise<void> {
    while (!this.#isPreambleDone && this.#output.count < limits.recordsMax) {
      const next = await this.#options.preamble.next();
      if (next.done === true) {
        this.#isPreambleDone = true;
        return;
      }
      this.#flushSchema(null);
      this.#heldSchema = next.value;
    }
  }

  /** @param sourceOffset in place of its own; null: that one */
  #flushSchema(sourceOffset: SourceOffset | null): void {
    const held = this.#heldSchema;
    if (held === null) return;
    this.#heldSchema = null;
    this.#output.push(sourceOffset === null ? held : { ...held, sourceOffset });
  }

  #takeRows(limits: ReadLimits): void {
    let bytes = 0;
    for (let hasMore = true; hasMore && !this.#isDone;) {
      hasMore = false;
      for (const worker of this.#workers) {
        if (worker.query === null && !this.#begin(worker)) continue;
        for (;;) {
          if (this.#output.count >= limits.recordsMax || bytes >= limits.bytesMax) return;
          const row = worker.query?.take();
          if (row === undefined) break;
          bytes += row.end - row.start;
          this.#row(worker, row);
        }
        if (worker.query?.isDone === true) {
          this.#endQuery(worker);
          hasMore = true;
        }
      }
      if (this.#workers.every((worker) => worker.table === null) && this.#waiting.length === 0)
        this.#finish();
    }
  }

  /** Several connections may have rows; whichever comes first. */
  async #wait(waitMs: number, signal: AbortSignal): Promise<void> {
    const queries = this.#workers.flatMap((worker) => worker.query ?? []);
    const [query] = queries;
    if (queries.length === 1 && query !== undefined) {
      await query.wait(waitMs, signal);
      return;
    }
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const waits = queries.map((query) => query.wait(waitMs, either));
    try {
      await Promise.race(waits);
    } finally {
      stop.abort();
      await Promise.allSettled(waits);
      signal.throwIfAborted();
    }
  }

  /** The next table, or chunk; false when there is nothing left for this connection. */
  #begin(worker: Worker): boolean {
    if (worker.table === null) {
      const table = this.#waiting.shift();
      if (table === undefined) return false;
      worker.table = table;
      worker.isTableFresh = true;
      worker.lastRow = null;
      const { log, tableCount } = this.#options;
      log.info(
        { table: table.id, left: this.#waiting.length, of: tableCount },
        'snapshot reads a table',
      );
    }
    const { table } = worker;
    const after = worker.lastRow === null ? this.#at.get(table.id) : table.keyOf(worker.lastRow);
    worker.chunkRows = 0;
    worker.query = new RowQuery({
      connection: worker.session.connection,
      sql: table.sql(after ?? null),
      clock: this.#options.clock,
      bytesMax: this.#options.settings.queueBytesMax,
    });
    return true;
  }

  #row(worker: Worker, row: ReceivedRow): void {
    const { table } = worker;
    if (table === null) return;
    this.#flushSchema(null);
    this.#flushTail();
    this.#release(worker);
    // As in Debezium nothing is the first when the first table is empty.
    const isFirst =
      this.#rowCount === 0 &&
      this.#options.progress.done.size === 0 &&
      (this.#workers.length > 1 || table === this.#options.tables[0]);
    this.#rowCount++;
    worker.chunkRows++;
    worker.lastRow = row;
    const endsChunk = table.isChunked && worker.chunkRows === table.rowsPerChunk;
    worker.held = {
      table,
      row,
      isFirst,
      isFirstInTable: worker.isTableFresh,
      after: endsChunk
        ? () => {
            this.#at.set(table.id, table.keyOf(row));
            this.#progressText = null;
          }
        : NOTHING,
    };
    worker.isTableFresh = false;
  }

  #endQuery(worker: Worker): void {
    const { table } = worker;
    worker.query = null;
    if (table === null) return;
    if (table.isChunked && worker.chunkRows === table.rowsPerChunk) return; // another chunk
    worker.table = null;
    const { held } = worker;
    worker.held = null;
    const done = (): void => {
      this.#done.add(table.id);
      this.#at.delete(table.id);
      this.#progressText = null;
    };
    if (held === null) {
      done();
      return;
    }
    this.#flushTail();
    this.#tail = { ...held, after: done };
  }

  #finish(): void {
    this.#isDone = true;
    const tail = this.#tail;
    this.#tail = null;
    if (tail !== null) this.#emit(tail, { isLastInTable: true, isLast: true });
    // With no row at all the catalogue ends the snapshot.
    const { micros, streamFrom } = this.#options;
    this.#flushSchema(snapshotOffset(streamFrom, Math.floor(micros / 1_000_000), null, true));
  }

  #flushTail(): void {
    const tail = this.#tail;
    if (tail === null) return;
    this.#tail = null;
    this.#emit(tail, { isLastInTable: true, isLast: false });
  }

  #release(worker: Worker): void {
    const { held } = worker;
    if (held === null) return;
    worker.held = null;
    this.#emit(held, { isLastInTable: false, isLast: false });
  }

  #emit(held: HeldRow, place: { readonly isLastInTable: boolean; readonly isLast: boolean }): void {
    const { isFirst, isFirstInTable, row, table } = held;
    const isInTheMiddle = !isFirst && !isFirstInTable && !place.isLastInTable;
    if (!isInTheMiddle || !this.#addToRun(table, row)) {
      const marker = snapshotMarker({ isFirst, isFirstInTable, ...place });
      this.#output.push(this.#recordOf(table, row, marker, place.isLast));
    }
    held.after();
  }

  /** False: it has to be a record of its own. */
  #addToRun(table: SnapshotTable, row: ReceivedRow): boolean {
    if (!this.#output.takesRuns) return false;
    const progress = this.#progress();
    if (this.#rowsInRun?.table !== table || this.#rowsInRun.progress !== progress) {
      const source = this.#sourceOf(table, 'true');
      const closing = source.closing(this.#batch, 'r');
      this.#rowsInRun = new SnapshotRows(table, source, closing, progress, (each) =>
        this.#recordOf(table, each, 'true', false, progress),
      );
    }
    return this.#rowsInRun.addTo(this.#output, row);
  }

  #recordOf(
    table: SnapshotTable,
    row: ReceivedRow,
    marker: SnapshotMarker,
    isLast: boolean,
    progress = this.#progress(),
  ): RowRecord {
    const { micros, offsetOf, streamFrom, task } = this.#options;
    const seconds = Math.floor(micros / 1_000_000);
    return new RowRecord({
      form: table.form,
      operation: 'r',
      rows: new TextRow(row.buffer, row.start, row.end),
      source: this.#sourceOf(table, marker),
      row: 0,
      batch: this.#batch,
      place: null,
      headers: task.headers,
      offset: () => offsetOf?.(isLast) ?? snapshotOffset(streamFrom, seconds, progress, isLast),
    });
  }

  #progress(): string {
    this.#progressText ??= encodeProgress({ done: this.#done, at: this.#at });
    return this.#progressText;
  }

  #sourceOf(table: SnapshotTable, snapshot: SnapshotMarker): EventSource {
    const { micros, streamFrom, task } = this.#options;
    const { shape } = table.form;
    const key = `${snapshot} ${table.id}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    // One table after another is read: those of the last few are enough.
    if (this.#sources.size > SOURCES_MAX) this.#sources.clear();
    const source = new EventSource({
      task,
      snapshot,
      database: shape.database,
      table: shape.table,
      micros,
      serverId: 0,
      gtid: null,
      file: streamFrom.file,
      position: streamFrom.position,
      thread: null,
      query: null,
    });
    this.#sources.set(key, source);
    return source;
  }
}

const SOURCES_MAX = 1000;
