import { copyable, type RowBatch, type TopicNaming, type TransactionCounter } from '@millrace/cdc';
import { isAborted, type Clock, type Logger } from '@millrace/foundation';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import type { BinlogEvent, GtidEvent, QueryEvent, RowsEvent } from './binlog/events/event.ts';
import { readRow, RowCursor } from './binlog/events/row-cursor.ts';
import { PositionTracker } from './binlog/position.ts';
import type { BinlogReader } from './binlog/reader.ts';
import { binlogIncident, statementFormat } from './errors.ts';
import { streamOffset, type OffsetDetails, type OffsetPosition } from './position.ts';
import { RowChanges } from './row-changes.ts';
import { RowOutput } from './row-output.ts';
import { EventSource, type TaskRecords } from './row-record.ts';
import { readDdl, type Ddl } from './schema/ddl.ts';
import type { SessionSource, Tables } from './schema/tables.ts';
import type { Settings } from './settings.ts';
import type { RowForm } from './table-shape.ts';
import { emptyFields, type RowFields } from './types/row.ts';

export interface ReadLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly waitMs: number;
}

/** A statement that changed the catalogue, with where it stands. */
export interface DdlEvent {
  readonly ddl: Ddl;
  readonly statement: string;
  readonly source: EventSource;
  /** Once it is done. */
  readonly offset: SourceOffset;
}

/** Who looks on while changes pass: signals, and the rows of an incremental snapshot that a change makes old. */
export interface StreamWatch {
  /** Keys to add to offsets now. */
  extras(): SourceOffset;
  isSignalTable(database: string, table: string): boolean;
  isWindowTable(database: string, table: string): boolean;
  /** A row was inserted into the signal table. */
  onSignal(form: RowForm, fields: RowFields): void;
  /** An old or a new row of the window's table. */
  onChange(form: RowForm, fields: RowFields): void;
  onTruncate(): void;
}

export interface ChangeStreamOptions {
  readonly settings: Settings;
  readonly reader: BinlogReader;
  readonly sessions: SessionSource;
  readonly tables: Tables;
  readonly topics: TopicNaming;
  readonly task: TaskRecords;
  readonly clock: Clock;
  readonly log: Logger;
  /** Present with `provide.transaction.metadata`. */
  readonly counter: TransactionCounter | null;
  readonly position: OffsetPosition;
  /** The server that is read. */
  readonly server: string;
  readonly watch: StreamWatch;
  /** What becomes of a statement that changed the catalogue: records, and the history. */
  readonly onDdl: (event: DdlEvent) => Promise<readonly SourceRecord[]>;
}

export interface StreamFigures {
  readonly rowCount: number;
  readonly eventMicros: number;
  readonly isCaughtUp: boolean;
}

/**
 * From the binlog's events to records, in their order. Pulled by `read`; holds the events of one read at most. Fails or
 * goes on, never retries: whoever owns it opens another one at `resumePosition`.
 */
export class ChangeStream {
  readonly #options: ChangeStreamOptions;
  readonly #tracker: PositionTracker;
  #events: readonly BinlogEvent[] = [];
  #index = 0;
  /** Rows of an event that is not done. */
  #changes: RowChanges | null = null;
  readonly #output: RowOutput;
  #batch: RowBatch = { nowMs: 0, tails: new Map() };
  #micros = 0;
  #seconds: number | null = null;
  #serverId = 0;
  #thread: number | null = null;
  #query: string | null = null;
  #gtid: string | null = null;
  /** Microseconds of the commit, where the transaction was executed first; null: seconds of each event. */
  #commitMicros: number | null = null;
  /** The transaction was first written by a server that does not count. */
  #isFiltered = false;
  #transactionId: string | null = null;
  #rowCount = 0;
  #place: { readonly file: string; readonly position: number };
  #isCaughtUp = false;
  #failure: Error | null = null;

  constructor(options: ChangeStreamOptions) {
    this.#options = options;
    this.#place = { file: options.position.file, position: options.position.position };
    this.#output = new RowOutput(options.task);
    this.#tracker = new PositionTracker(options.settings.flavour, options.position);
  }

  /** Where another stream has to begin to continue this one. */
  get resumePosition(): OffsetPosition {
    return this.#positionAfter(this.#changes?.rowsDone ?? 0);
  }

  get isBetweenTransactions(): boolean {
    return this.#changes === null && !this.#tracker.isInTransaction;
  }

  /** Behind the last event that was made into records. */
  get place(): { readonly file: string; readonly position: number; readonly gtids: string | null } {
    return { ...this.#place, gtids: this.#tracker.gtids?.toString() ?? null };
  }

  get figures(): StreamFigures {
    return {
      rowCount: this.#rowCount,
      eventMicros: this.#micros,
      isCaughtUp: this.#isCaughtUp,
    };
  }

  /** The position as an offset, for heartbeats. */
  get offset(): SourceOffset {
    return this.#offsetOf(this.resumePosition);
  }

  /** The same without what the watch adds. */
  get baseOffset(): SourceOffset {
    return streamOffset(this.resumePosition, this.#details);
  }

  /**
   * The next records; none when nothing came in time.
   * @throws MillraceError; the stream is useless then
   */
  async read(limits: ReadLimits, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    if (this.#failure !== null) throw this.#failure;
    const { clock, reader, settings } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    this.#batch = { nowMs: clock.nowMs(), tails: new Map() };
    try {
      for (;;) {
        await this.#processEvents(limits);
        const leftMs = deadlineMs - clock.monotonicMs();
        if (this.#output.count > 0 || leftMs <= 0) break;
        this.#events = await reader.read({ bytesMax: limits.bytesMax, waitMs: leftMs }, signal);
        this.#index = 0;
        if (this.#events.length === 0) this.#isCaughtUp = true;
        this.#batch = { nowMs: clock.nowMs(), tails: new Map() };
      }
    } catch (error) {
      if (isAborted(signal) || !(error instanceof Error)) throw error;
      // What was decoded before the failure is delivered; the failure comes with the next read.
      this.#failure = error;
      if (this.#output.count === 0) throw error;
    }
    const records = this.#output.take();
    return settings.hasTransforms ? records.map(copyable) : records;
  }

  async #processEvents(limits: ReadLimits): Promise<void> {
    for (;;) {
      if (this.#output.count >= limits.recordsMax) return;
      if (this.#changes !== null) {
        this.#takeRows(this.#changes, limits);
        continue;
      }
      const event = this.#events[this.#index];
      if (event === undefined) return;
      const pending = this.#begin(event);
      if (pending !== undefined) await pending;
      if (!this.#hasRows()) this.#end(event);
    }
  }

  #hasRows(): boolean {
    return this.#changes !== null;
  }

  #takeRows(changes: RowChanges, limits: ReadLimits): void {
    while (this.#output.count < limits.recordsMax) {
      if (!changes.next(this.#output, this.#batch)) {
        const event = this.#events[this.#index];
        this.#changes = null;
        if (event !== undefined) this.#end(event);
        return;
      }
      this.#rowCount++;
    }
  }

  #end(event: BinlogEvent): void {
    this.#tracker.end(event);
    this.#index++;
    if (event.kind === 'rotate')
      this.#place = { file: event.nextFile, position: event.firstPosition };
    else if (event.nextPosition > 0)
      this.#place = { file: event.file, position: event.nextPosition };
  }

  /** A promise only where the catalogue is asked. */
  #begin(event: BinlogEvent): Promise<void> | undefined {
    const done = this.#tracker.begin(event);
    if (event.kind !== 'heartbeat' && event.timestamp !== 0) {
      this.#isCaughtUp = false;
      this.#serverId = event.serverId;
      if (this.#commitMicros === null) {
        this.#micros = event.timestamp * 1_000_000;
        this.#seconds = event.timestamp;
      }
    }
    switch (event.kind) {
      case 'gtid':
        this.#beginGtid(event);
        return undefined;
      case 'query':
        return this.#statement(event, done === 'all');
      case 'rows-query':
        if (this.#options.settings.config['include.query']) this.#query = event.query;
        return undefined;
      case 'rows':
        return this.#rows(event, done);
      case 'xid':
      case 'xa-prepare':
        this.#endTransaction();
        return undefined;
      case 'incident':
        this.#refuse(() => binlogIncident(event.message));
        return undefined;
      case 'rotate':
      case 'format':
      case 'previous-gtids':
      case 'table-map':
      case 'heartbeat':
      case 'other':
        return undefined;
    }
  }

  #beginGtid(event: GtidEvent): void {
    const { settings } = this.#options;
    this.#gtid = event.gtid;
    this.#commitMicros = event.gtid === null ? null : event.commitMicros;
    if (this.#commitMicros !== null) {
      this.#micros = this.#commitMicros;
      this.#seconds = Math.floor(this.#commitMicros / 1_000_000);
    }
    this.#isFiltered =
      event.gtid !== null &&
      settings.filtersGtidSources &&
      settings.config['gtid.source.filter.dml.events'] &&
      !settings.countsGtidSource(sourceOf(event.gtid, settings.flavour));
    if (event.beginsTransaction) this.#beginTransaction(event, null);
  }

  #beginTransaction(event: BinlogEvent, thread: number | null): void {
    this.#thread = thread;
    this.#transactionId = this.#gtid ?? `file=${event.file},pos=${event.position}`;
    const { counter, topics, task } = this.#options;
    if (counter === null) return;
    counter.begin();
    // After a restart within the transaction its begin was told before.
    if (this.#positionAfter(0).eventsToSkip > 0) return;
    this.#output.push(
      counter.beginRecord({
        topic: topics.transaction(),
        id: this.#transactionId,
        timestampMs: Math.floor(this.#micros / 1000),
        sourcePartition: task.sourcePartition,
        sourceOffset: this.#offsetOf(this.#positionAfter(0)),
      }),
    );
  }

  #endTransaction(): void {
    const { counter, topics, task } = this.#options;
    if (counter !== null && this.#transactionId !== null)
      this.#output.push(
        counter.endRecord({
          topic: topics.transaction(),
          id: this.#transactionId,
          timestampMs: Math.floor(this.#micros / 1000),
          sourcePartition: task.sourcePartition,
          sourceOffset: this.#offsetOf(this.#positionAfter(0)),
        }),
      );
    this.#transactionId = null;
    this.#thread = null;
    this.#query = null;
  }

  #statement(event: QueryEvent, isDone: boolean): Promise<void> | undefined {
    const text = event.query.trim();
    if (/^BEGIN$/i.test(text) || /^START TRANSACTION$/i.test(text)) {
      this.#beginTransaction(event, event.threadId);
      return undefined;
    }
    if (/^(?:COMMIT|ROLLBACK)$/i.test(text)) {
      this.#endTransaction();
      return undefined;
    }
    // A distributed transaction, and the parts of one that were rolled back.
    if (/^(?:XA|SAVEPOINT|ROLLBACK\s+TO|RELEASE)\b/i.test(text)) return undefined;
    const ddl = readDdl(text, event.database);
    if (ddl.kind === 'dml') {
      if (ddl.tables.length === 0 && !isDone) this.#refuseStatement(event);
      return undefined;
    }
    return this.#changeSchema(event, ddl, isDone);
  }

  async #changeSchema(event: QueryEvent, ddl: Ddl, isDone: boolean): Promise<void> {
    const { onDdl, tables } = this.#options;
    if (ddl.kind !== 'truncate-table') tables.forget(ddl.tables);
    else {
      const { watch } = this.#options;
      for (const each of ddl.tables)
        if (watch.isWindowTable(each.database, each.name)) watch.onTruncate();
    }
    if (ddl.kind === 'drop-database' || ddl.kind === 'alter-database')
      tables.forgetDatabase(ddl.database);
    if (isDone) return;
    const source = this.#sourceOf(event, ddl.database, ddl.tables[0]?.name ?? null);
    const records = await onDdl({
      ddl,
      statement: event.query,
      source,
      offset: this.#offsetOf({ ...this.#positionAfter(0), ...this.#behind(event) }),
    });
    this.#output.push(...records);
  }

  /** The place behind a statement that is a transaction of its own. */
  #behind(event: QueryEvent): Partial<OffsetPosition> {
    return this.#tracker.isInTransaction
      ? {}
      : { file: event.file, position: event.nextPosition, eventsToSkip: 0, rowsToSkip: 0 };
  }

  #refuseStatement(event: QueryEvent): void {
    const { settings } = this.#options;
    if (!settings.capturesDatabase(event.database)) return;
    this.#refuse(() => statementFormat(event.query));
  }

  /** `event.processing.failure.handling.mode` */
  #refuse(problem: () => Error): void {
    const { log, settings } = this.#options;
    const mode = settings.config['event.processing.failure.handling.mode'];
    if (mode === 'fail') throw problem();
    if (mode === 'warn')
      log.warn(
        { err: problem() },
        'an event of the binlog is left out; what it changed is missing',
      );
  }

  #rows(event: RowsEvent, done: 'all' | number): Promise<void> | undefined {
    const form = this.#options.tables.find(event.table);
    if (form === undefined) return this.#loadThenRows(event, done);
    this.#startRows(event, done, form);
    return undefined;
  }

  async #loadThenRows(event: RowsEvent, done: 'all' | number): Promise<void> {
    const { log, sessions, settings, tables } = this.#options;
    try {
      this.#startRows(event, done, await tables.load(event.table, sessions));
    } catch (error) {
      const mode = settings.config['inconsistent.schema.handling.mode'];
      const isUnknown =
        error instanceof Error && Reflect.get(error, 'code') === 'mysql.schema_unknown';
      if (!isUnknown || mode === 'fail') throw error;
      if (mode === 'warn')
        log.warn({ err: error }, 'changes of a table are left out until its columns are known');
      tables.ignore(event.table);
    }
  }

  #startRows(event: RowsEvent, done: 'all' | number, form: RowForm | null): void {
    const { counter, settings, task, watch } = this.#options;
    if (form === null) return;
    const { database, table } = form.shape;
    if (done !== 'all') this.#show(event, form, done);
    if (watch.isSignalTable(database, table) && !settings.capturesTable(database, table)) return;
    if (this.#isFiltered || (done === 'all' && counter === null)) return;
    const base = this.#positionAfter(0);
    const extras = watch.extras();
    // As they are now: offsets are asked for when the stream is somewhere else.
    const details = this.#details;
    const changes = new RowChanges({
      settings,
      task,
      event,
      form,
      source: this.#sourceOf(event, form.shape.database, form.shape.table),
      skipRows: done === 'all' ? Infinity : done,
      counter,
      transactionId: this.#transactionId ?? this.#gtid ?? '',
      offsetAfter: (rowCount) => ({
        ...streamOffset({ ...base, rowsToSkip: rowCount }, details),
        ...extras,
      }),
    });
    if (done !== 'all') this.#changes = changes;
    // Delivered before: its rows are only counted.
    else changes.next(this.#output, this.#batch);
  }

  /** To the watch: new signals, and changes in the table whose chunk waits. */
  #show(event: RowsEvent, form: RowForm, skipRows: number): void {
    const { watch } = this.#options;
    const { database, table } = form.shape;
    const isSignals = watch.isSignalTable(database, table) && event.operation === 'insert';
    if (!isSignals && !watch.isWindowTable(database, table)) return;
    const cursor = new RowCursor(event);
    while (cursor.next()) {
      if (isSignals && cursor.index >= skipRows)
        watch.onSignal(form, readRow(event, cursor.afterAt, true, FIELDS));
      if (isSignals) continue;
      if (cursor.beforeAt >= 0)
        watch.onChange(form, readRow(event, cursor.beforeAt, false, FIELDS));
      if (cursor.afterAt >= 0) watch.onChange(form, readRow(event, cursor.afterAt, true, FIELDS));
    }
  }

  #sourceOf(event: BinlogEvent, database: string, table: string | null): EventSource {
    return new EventSource({
      task: this.#options.task,
      snapshot: 'false',
      database,
      table,
      micros: this.#micros,
      serverId: event.serverId,
      gtid: this.#gtid,
      file: event.file,
      position: event.position,
      thread: this.#thread,
      query: this.#query,
    });
  }

  #positionAfter(rowCount: number): OffsetPosition {
    return { ...this.#tracker.positionAfter(rowCount), server: this.#options.server };
  }

  #offsetOf(position: OffsetPosition): SourceOffset {
    return { ...streamOffset(position, this.#details), ...this.#options.watch.extras() };
  }

  get #details(): OffsetDetails {
    return { serverId: this.#serverId, seconds: this.#seconds };
  }
}

/** Found again for each row that is shown. */
const FIELDS = emptyFields();

/** The server of a GTID as filters name it: a UUID, or MariaDB's domain and server. */
function sourceOf(gtid: string, flavour: Settings['flavour']): string {
  return flavour === 'mysql'
    ? gtid.slice(0, gtid.indexOf(':'))
    : gtid.slice(0, gtid.lastIndexOf('-'));
}
