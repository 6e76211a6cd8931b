import { snapshotMarker, type SnapshotMarker } from '@millrace/cdc';
import type { SourceRecord } from '@millrace/record';
import type { SnapshotKind } from '../position.ts';
import {
  RowRecord,
  type BatchContext,
  type TaskRecords,
  type TransactionContext,
} from '../row-record.ts';
import { RowPlaces, RowRun, runRecord } from './row-run.ts';
import type { PlannedTable, SnapshotChunk } from './snapshot-plan.ts';

/** The last row of a table so far; written over by the next. */
interface HeldRow {
  chunk: SnapshotChunk;
  buffer: Buffer;
  start: number;
  end: number;
  isFirst: boolean;
  isFirstInTable: boolean;
}

export interface SnapshotMoment {
  /** Where the snapshot stands in the stream. */
  readonly lsn: number;
  readonly txId: number;
  readonly micros: number;
  /** Where the stream goes on; null: at `lsn`. */
  readonly lastCommitLsn: number | null;
  readonly kind: SnapshotKind;
}

/**
 * Rows to records with their markers. The last row of a table and of all has one of its own, so of each table that is
 * being read one row is held back, and the last row of the table that ended last.
 */
export class SnapshotRows {
  readonly #task: TaskRecords;
  readonly #lsn: number;
  readonly #moment: SnapshotMoment;
  #contexts: Readonly<Record<SnapshotMarker, TransactionContext>>;
  readonly #onChunkOut: (chunk: SnapshotChunk) => void;
  readonly #held = new Map<PlannedTable, HeldRow>();
  readonly #finished = new Set<SnapshotChunk>();
  #last: HeldRow | null = null;
  #hasRows = false;
  readonly #begun = new Set<PlannedTable>();
  #records: SourceRecord[] = [];
  #recordCount = 0;
  readonly #places = new RowPlaces();
  /** The last of the records, while more rows may be added to it. */
  #run: RowRun | null = null;
  batch: BatchContext = { nowMs: 0, tails: new Map(), extras: null };

  /** @param onChunkOut all rows of the chunk are among the records */
  constructor(
    task: TaskRecords,
    moment: SnapshotMoment,
    onChunkOut: (chunk: SnapshotChunk) => void,
  ) {
    this.#task = task;
    this.#lsn = moment.lsn;
    this.#moment = moment;
    this.#contexts = contextsOf(task, moment);
    this.#onChunkOut = onChunkOut;
  }

  /** The stream stands there by now. */
  streamStandsAt(lastCommitLsn: number): void {
    this.#contexts = contextsOf(this.#task, { ...this.#moment, lastCommitLsn });
  }

  /** Records so far, counting those of runs. */
  get count(): number {
    return this.#recordCount;
  }

  /** What was taken before is done with. */
  begin(): void {
    this.#places.count = 0;
  }

  take(): readonly SourceRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#recordCount = 0;
    this.#run = null;
    return records;
  }

  /** What is held back until the next `take` gets bytes of its own, since those of the server are lent. */
  keep(): void {
    for (const held of this.#held.values()) copyRow(held);
    if (this.#last !== null) copyRow(this.#last);
  }

  row(chunk: SnapshotChunk, buffer: Buffer, start: number, end: number): void {
    if (this.#last !== null) this.#releaseLast(false);
    const { table } = chunk;
    const held = this.#held.get(table);
    if (held === undefined) {
      const isFirstInTable = !this.#begun.has(table);
      if (isFirstInTable) this.#begun.add(table);
      this.#held.set(table, { chunk, buffer, start, end, isFirst: !this.#hasRows, isFirstInTable });
      this.#hasRows = true;
      return;
    }
    this.#release(held, false, false);
    held.chunk = chunk;
    held.buffer = buffer;
    held.start = start;
    held.end = end;
    held.isFirst = false;
    held.isFirstInTable = false;
  }

  chunkEnded(chunk: SnapshotChunk): void {
    if (this.#held.get(chunk.table)?.chunk === chunk) this.#finished.add(chunk);
    else this.#onChunkOut(chunk);
  }

  /** All chunks of the table ended. */
  tableEnded(table: PlannedTable): void {
    const held = this.#held.get(table);
    if (held === undefined) return;
    this.#held.delete(table);
    if (this.#last !== null) this.#releaseLast(false);
    this.#last = held;
  }

  ended(): void {
    if (this.#last !== null) this.#releaseLast(true);
  }

  #releaseLast(isLast: boolean): void {
    const last = this.#last;
    this.#last = null;
    if (last !== null) this.#release(last, true, isLast);
  }

  #release(held: HeldRow, isLastInTable: boolean, isLast: boolean): void {
    const { chunk, isFirst, isFirstInTable } = held;
    this.#recordCount++;
    if (isFirst || isFirstInTable || isLastInTable) {
      const marker = snapshotMarker({ isFirst, isFirstInTable, isLastInTable, isLast });
      this.#releaseAlone(held, this.#contexts[marker], isLast);
    } else if (!this.#task.takesRuns || !this.#addToRun(held))
      this.#releaseAlone(held, this.#contexts['true'], false);
    if (this.#finished.size > 0 && this.#finished.delete(chunk)) this.#onChunkOut(chunk);
  }

  #addToRun({ chunk, buffer, start, end }: HeldRow): boolean {
    const { shape } = chunk.table;
    let run = this.#run;
    if (
      run === null ||
      run.context.buffer !== buffer ||
      run.context.shape !== shape ||
      run.context.batch !== this.batch ||
      run.context.transaction !== this.#contexts['true']
    ) {
      const transaction = this.#contexts['true'];
      const context = { shape, transaction, batch: this.batch, lsn: this.#lsn, buffer };
      run = RowRun.of(context, this.#places) ?? null;
      if (run === null) return false;
      this.#run = run;
      this.#records.push(runRecord(run));
    }
    run.add(start, end);
    return true;
  }

  #releaseAlone(held: HeldRow, context: TransactionContext, isLast: boolean): void {
    // It is kept until it is acknowledged.
    if (this.#task.takesRuns) copyRow(held);
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
    this.#run = null;
    this.#records.push(
      new RowRecord(
        held.chunk.table.shape,
        'r',
        rows,
        context,
        isLast ? { ...this.batch, extras: null } : this.batch,
        null,
        this.#task.headers,
      ),
    );
  }
}

function copyRow(held: HeldRow): void {
  held.buffer = Buffer.from(held.buffer.subarray(held.start, held.end));
  held.end -= held.start;
  held.start = 0;
}

function contextsOf(
  task: TaskRecords,
  moment: SnapshotMoment,
): Readonly<Record<SnapshotMarker, TransactionContext>> {
  const context = (snapshot: SnapshotMarker): TransactionContext => ({
    task,
    txId: moment.txId,
    commitMicros: moment.micros,
    lastCommitLsn: moment.lastCommitLsn,
    sequenceLsn: null,
    origin: null,
    originLsn: null,
    xmin: null,
    snapshot,
    snapshotKind: moment.kind,
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
