import {
  describeError,
  isRetriable,
  MillraceError,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import type { SourceOffset } from '@millrace/record';
import { timeOrderedUuid } from '../context-headers.ts';
import { matchesAny } from '../name-filter.ts';
import type { NotificationType, TableScanStatus } from '../notifications/notification.ts';
import type { Notifier } from '../notifications/notifier.ts';
import type { Signal } from '../signals/signal.ts';
import {
  incrementalOffset,
  incrementalStateOf,
  type IncrementalState,
  type IncrementalTable,
} from './incremental-state.ts';
import type { KeyValues } from './java-values.ts';

/** A row of a chunk. */
export interface ChunkRow<Row> {
  /** The key that chunks go by, for the position. */
  readonly key: KeyValues;
  /** The key by which changes in the stream name the row: the same text for the same row, or rows. */
  readonly identity: string;
  readonly row: Row;
}

export interface ChunkRequest {
  readonly table: IncrementalTable;
  /** Null: from the beginning. */
  readonly after: KeyValues | null;
  readonly upTo: KeyValues;
  readonly rowsMax: number;
}

export interface Chunk<Row> {
  readonly rows: readonly ChunkRow<Row>[];
  /** Whether nothing of the table is left. */
  readonly isLast: boolean;
}

/** What a database does for an incremental snapshot. Errors of single statements only fail their table. */
export interface ChunkSource<Row> {
  /**
   * The highest key of the table; `empty` when it has no rows that pass the condition.
   * `no-key` and `unknown`: it can't be read in chunks, or is not captured (any more).
   */
  readMaximumKey(table: IncrementalTable): Promise<KeyValues | 'empty' | 'no-key' | 'unknown'>;
  /** Null: not at this moment; it is asked again with the next poll. */
  readChunk(request: ChunkRequest): Promise<Chunk<Row> | null>;
}

/**
 * The marks around a chunk, by which it is known where it stands in the stream: rows written to the signal table, or
 * positions asked of the server. All changes that the chunk can have missed come behind the first and those that it may
 * have seen before the second.
 */
export interface ChunkMarks {
  open(chunkId: string): Promise<void>;
  close(chunkId: string): Promise<void>;
}

/** A row to emit, with the state that holds once it is delivered. */
export interface EmittedRow<Row> {
  readonly table: string;
  readonly row: Row;
  readonly state: IncrementalState;
}

export interface IncrementalFigures {
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  readonly tablesLeft: number;
  readonly tablesDone: number;
  readonly tablesFailed: number;
  readonly rowCount: number;
  readonly chunkCount: number;
  /** Rows of chunks that were dropped, since the stream had a newer one. */
  readonly rowsSuperseded: number;
}

export interface IncrementalOptions {
  /** The stored offset, of ours or Debezium's: a snapshot in it goes on. */
  readonly offset: SourceOffset | undefined;
  /** `incremental.snapshot.chunk.size` */
  readonly chunkRowsMax: number;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The rows of a chunk that wait for the stream to pass its marks. */
interface Window<Row> {
  readonly chunkId: string;
  readonly table: string;
  readonly rows: readonly ChunkRow<Row>[];
  /** Identities of rows that no change has superseded. */
  readonly live: Set<string>;
  readonly isLast: boolean;
  /** Key behind which the next chunk begins, also when all of its rows were dropped. */
  readonly endKey: KeyValues | null;
}

const AGGREGATE = 'Incremental Snapshot';

/**
 * Reads tables in chunks beside the stream (DBLog). A chunk is read between two marks; its rows wait here while the
 * stream is between them, and a row that a change in the stream concerns is dropped, since that change is newer or the
 * same. At the second mark what is left goes out: no row ever stands behind a newer change of it.
 *
 * Pulled by the connector, never two calls at once: `wantsChunk` → `readChunk`, `supersede` for each change while
 * `windowTable` is the table, `closeWindow` at the second mark. What it holds is bounded by the chunk.
 */
export class IncrementalSnapshot<Row> {
  readonly #options: IncrementalOptions;
  #state: IncrementalState;
  #window: Window<Row> | null = null;
  #tableRows = 0;
  #tablesDone = 0;
  #tablesFailed = 0;
  #rowCount = 0;
  #chunkCount = 0;
  #rowsSuperseded = 0;

  constructor(options: IncrementalOptions) {
    this.#options = options;
    const { state, problem } = incrementalStateOf(options.offset);
    this.#state = state;
    if (problem !== undefined)
      options.log.warn(
        { problem, tables: state.tables.map((table) => table.id) },
        'the stored position of the incremental snapshot is not understood; its table is read again',
      );
    else if (this.isRunning)
      options.log.info(
        { tables: state.tables.map((table) => table.id) },
        'an incremental snapshot goes on',
      );
  }

  /** What holds for records that are made now; the same object until something changed. */
  get state(): IncrementalState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state.tables.length > 0;
  }

  /** Whether the next chunk is to be read. */
  get wantsChunk(): boolean {
    return this.isRunning && !this.#state.isPaused && this.#window === null;
  }

  /** The id that the marks of the chunk in progress begin with; null: no chunk waits. */
  get chunkId(): string | null {
    return this.#window?.chunkId ?? null;
  }

  /** The table whose rows wait; changes of it in the stream are told to `supersede`. */
  get windowTable(): string | null {
    return this.#window?.table ?? null;
  }

  get figures(): IncrementalFigures {
    return {
      isRunning: this.isRunning,
      isPaused: this.#state.isPaused,
      tablesLeft: this.#state.tables.length,
      tablesDone: this.#tablesDone,
      tablesFailed: this.#tablesFailed,
      rowCount: this.#rowCount,
      chunkCount: this.#chunkCount,
      rowsSuperseded: this.#rowsSuperseded,
    };
  }

  /**
   * Obeys `execute-snapshot` (incremental), `stop-snapshot`, `pause-snapshot`, `resume-snapshot`; true when the state
   * changed, and has to be stored before the signal may be forgotten.
   * @param captured all tables that may be read, by the names that signals use
   */
  take(signal: Signal, captured: readonly string[]): boolean {
    const before = this.#state;
    const { action } = signal;
    if (action.kind === 'execute-snapshot' && action.mode === 'incremental')
      this.#add(signal, action, captured);
    else if (action.kind === 'stop-snapshot') this.#stop(signal, action.collections);
    else if (action.kind === 'pause-snapshot') this.#pause(true);
    else if (action.kind === 'resume-snapshot') this.#pause(false);
    return this.#state !== before;
  }

  /** Remembers up to where the log topic was read. */
  noteSignalOffset(offset: number): void {
    this.#state = { ...this.#state, signalOffset: offset };
  }

  /**
   * Reads the next chunk of the first table that has one left.
   * @throws what broke the connection; the chunk is read again then
   */
  async readChunk(source: ChunkSource<Row>, marks: ChunkMarks): Promise<void> {
    for (;;) {
      const [table] = this.#state.tables;
      if (table === undefined || this.#state.isPaused || this.#window !== null) return;
      try {
        if (await this.#readOf(table, source, marks)) return;
      } catch (error) {
        // Anything else than a refusal of the server is not about the table: aborts and bugs among it.
        if (!(error instanceof MillraceError) || isRetriable(error)) throw error;
        this.#options.log.error(
          { err: error, table: table.id },
          'a table can not be read by an incremental snapshot; it goes on with the next one',
        );
        this.#tablesFailed++;
        this.#endTable('SQL_EXCEPTION', { error: describeError(error) });
      }
    }
  }

  /** A change of this row is in the stream: the row of the chunk is older, or the same. */
  supersede(identity: string): void {
    if (this.#window?.live.delete(identity) === true) this.#rowsSuperseded++;
  }

  /** The table was truncated. */
  supersedeAll(): void {
    this.#rowsSuperseded += this.#window?.live.size ?? 0;
    this.#window?.live.clear();
  }

  /** The stream was opened again: its position may lie before the marks, so the chunk is read again. */
  dropWindow(): void {
    this.#window = null;
  }

  /** The stream is past the second mark: what goes out now. */
  closeWindow(): readonly EmittedRow<Row>[] {
    const window = this.#window;
    if (window === null) return [];
    this.#window = null;
    const emitted: EmittedRow<Row>[] = [];
    for (const { key, identity, row } of window.rows) {
      if (!window.live.has(identity)) continue;
      this.#state = { ...this.#state, lastKey: key };
      emitted.push({ table: window.table, row, state: this.#state });
    }
    this.#rowCount += emitted.length;
    this.#tableRows += emitted.length;
    this.#state = { ...this.#state, lastKey: window.endKey };
    if (window.rows.length > 0)
      this.#notify('IN_PROGRESS', {
        current_collection_in_progress: window.table,
        maximum_key: keyText(this.#state.maximumKey),
        last_processed_key: keyText(window.endKey),
      });
    if (window.isLast) this.#endTable(this.#tableRows === 0 ? 'EMPTY' : 'SUCCEEDED');
    return emitted;
  }

  /** The keys to add to the offset of a record that is made now. */
  get offset(): SourceOffset {
    return incrementalOffset(this.#state);
  }

  /** False when the table is done with and the next one is wanted at once. */
  async #readOf(
    table: IncrementalTable,
    source: ChunkSource<Row>,
    marks: ChunkMarks,
  ): Promise<boolean> {
    if (this.#state.maximumKey === null) {
      const maximumKey = await source.readMaximumKey(table);
      if (typeof maximumKey === 'string') {
        const status =
          maximumKey === 'empty'
            ? 'EMPTY'
            : maximumKey === 'no-key'
              ? 'NO_PRIMARY_KEY'
              : 'UNKNOWN_SCHEMA';
        if (maximumKey !== 'empty') {
          this.#tablesFailed++;
          this.#options.log.warn(
            { table: table.id, status },
            'a table is left out by the incremental snapshot; one without a key needs "surrogate-key" in the signal',
          );
        }
        this.#endTable(status);
        return false;
      }
      this.#state = { ...this.#state, maximumKey };
    }
    const { chunkRowsMax, clock, random } = this.#options;
    const chunkId = timeOrderedUuid(clock, random);
    await marks.open(chunkId);
    const chunk = await source.readChunk({
      table,
      after: this.#state.lastKey,
      upTo: this.#state.maximumKey ?? [],
      rowsMax: chunkRowsMax,
    });
    if (chunk === null) return true;
    await marks.close(chunkId);
    this.#chunkCount++;
    this.#window = {
      chunkId,
      table: table.id,
      rows: chunk.rows,
      live: new Set(chunk.rows.map((row) => row.identity)),
      isLast: chunk.isLast,
      endKey: chunk.rows.at(-1)?.key ?? this.#state.lastKey,
    };
    return true;
  }

  #add(
    signal: Signal,
    action: Extract<Signal['action'], { kind: 'execute-snapshot' }>,
    captured: readonly string[],
  ): void {
    const { log } = this.#options;
    const tables: IncrementalTable[] = [];
    for (const pattern of action.collections) {
      const isMeant = matchesAny([pattern]);
      const matching = captured.filter(isMeant);
      if (matching.length === 0)
        log.warn({ signal: signal.id, pattern }, 'a signal names a table that is not captured');
      for (const id of matching) {
        if (tables.some((table) => table.id === id)) continue;
        const condition = action.conditions.find((one) => matchesAny([one.collection])(id));
        tables.push({
          id,
          condition: condition?.filter.trim() ?? null,
          surrogateKey: action.surrogateKey,
        });
      }
    }
    const waiting = tables.filter(
      (table) => !this.#state.tables.some((one) => sameTable(one, table)),
    );
    if (waiting.length === 0) return;
    const wasRunning = this.isRunning;
    this.#state = {
      ...this.#state,
      tables: [...this.#state.tables, ...waiting],
      correlationId: signal.id === '' ? this.#state.correlationId : signal.id,
    };
    log.info(
      { signal: signal.id, tables: waiting.map((table) => table.id) },
      'an incremental snapshot begins',
    );
    if (!wasRunning) this.#tableRows = 0;
    this.#notify('STARTED', {});
  }

  #stop(signal: Signal, patterns: readonly string[]): void {
    if (!this.isRunning) return;
    const { log } = this.#options;
    const isMeant = patterns.length === 0 ? (): boolean => true : matchesAny(patterns);
    const stopped = this.#state.tables.filter((table) => isMeant(table.id));
    if (stopped.length === 0) {
      log.warn({ signal: signal.id, patterns }, 'a signal stops a table that is not being read');
      return;
    }
    const [current] = this.#state.tables;
    const left = this.#state.tables.filter((table) => !isMeant(table.id));
    const isCurrent = current !== undefined && isMeant(current.id);
    if (isCurrent) {
      this.#window = null;
      this.#tableRows = 0;
    }
    log.info(
      { signal: signal.id, tables: stopped.map((table) => table.id) },
      'an incremental snapshot is stopped',
    );
    this.#notify(
      'ABORTED',
      patterns.length === 0 ? {} : { data_collections: stopped.map((table) => table.id).join(',') },
      false,
    );
    this.#state = {
      ...this.#state,
      tables: left,
      ...(isCurrent ? { lastKey: null, maximumKey: null } : {}),
      ...(left.length === 0 ? { correlationId: null, isPaused: false } : {}),
    };
  }

  #pause(isPaused: boolean): void {
    if (!this.isRunning || this.#state.isPaused === isPaused) return;
    this.#state = { ...this.#state, isPaused };
    this.#options.log.info(
      {},
      isPaused ? 'the incremental snapshot pauses' : 'the incremental snapshot resumes',
    );
    this.#notify(isPaused ? 'PAUSED' : 'RESUMED', {});
  }

  #endTable(status: TableScanStatus, more: Readonly<Record<string, string>> = {}): void {
    const [done, ...left] = this.#state.tables;
    this.#notify('TABLE_SCAN_COMPLETED', {
      scanned_collection: done?.id ?? '',
      total_rows_scanned: String(this.#tableRows),
      status,
      ...more,
    });
    this.#tableRows = 0;
    this.#tablesDone++;
    if (left.length === 0) {
      this.#notify('COMPLETED', {}, false);
      this.#options.log.info({ rowCount: this.#rowCount }, 'the incremental snapshot is complete');
    }
    this.#state = {
      ...this.#state,
      tables: left,
      lastKey: null,
      maximumKey: null,
      ...(left.length === 0 ? { correlationId: null } : {}),
    };
  }

  #notify(
    type: NotificationType,
    data: Readonly<Record<string, string>>,
    namesTables = true,
  ): void {
    const { tables, correlationId } = this.#state;
    this.#options.notifier.notify(
      AGGREGATE,
      type,
      namesTables ? { data_collections: tables.map((table) => table.id).join(','), ...data } : data,
      correlationId,
    );
  }
}

function sameTable(left: IncrementalTable, right: IncrementalTable): boolean {
  return (
    left.id === right.id &&
    left.condition === right.condition &&
    left.surrogateKey === right.surrogateKey
  );
}

function keyText(key: KeyValues | null): string {
  return key === null ? '<null>' : key.map((value) => value?.text ?? '<null>').join(',');
}
