import { RunDraft, writeInteger } from '@millrace/cdc';
import type { RecordRun, RenderedRecords, SourceRecord } from '@millrace/record';
import type { EventSource, TaskRecords } from './row-record.ts';
import type { RowForm } from './table-shape.ts';
import { renderRowAt } from './types/render-row.ts';
import type { RowFields } from './types/row.ts';

/** Rows of one event or query, each of which can be made a record of its own again. */
export interface RunOrigin {
  readonly form: RowForm;
  record(place: number): SourceRecord;
}

/** A row whose record goes into a run. */
export interface RunRow {
  readonly source: EventSource;
  /** In its event, for `source`. */
  row: number;
  /** In its origin. */
  place: number;
  readonly oldRow: RowFields | null;
  readonly newRow: RowFields | null;
  /** Of both on the wire. */
  rowBytes: number;
  /** What follows the row's number. */
  readonly closing: Buffer;
}

/** Larger rows are rendered by the way that asks for room as it goes. */
const ROW_BYTES_MAX = 64 * 1024;
/** JSON may be six times as long as what it is of; a key is rendered beside its row. */
const GROWTH = 12;
const NUMBER_ROOM = 20;

/**
 * The records of one read, in order. Where the runtime takes runs, rows are rendered on the spot, one behind the other,
 * and become a run for each stretch of rows of one table in one buffer: without an object a row.
 */
export class RowOutput {
  readonly takesRuns: boolean;
  /** Of records, those in runs included. */
  count = 0;
  readonly #task: TaskRecords;
  #records: SourceRecord[] = [];
  #draft: RunDraft | null = null;
  #shape: RowForm['shape'] | null = null;
  /** Of each record of the draft the place in its origin. */
  #rows: number[] = [];
  #origins: Origin[] = [];

  constructor(task: TaskRecords) {
    this.#task = task;
    this.takesRuns = task.takesRuns;
  }

  push(...records: readonly SourceRecord[]): void {
    this.#endRun();
    for (const record of records) this.#records.push(record);
    this.count += records.length;
  }

  /** All since the last call. */
  take(): readonly SourceRecord[] {
    this.#endRun();
    const records = this.#records;
    this.#records = [];
    this.count = 0;
    return records;
  }

  /** False: nothing was added, and the row has to become a record of its own, which tells why if it can't. */
  addRow(origin: RunOrigin, row: RunRow): boolean {
    const { keyColumns, shape } = origin.form;
    const { sink } = this.#task;
    if (row.rowBytes > ROW_BYTES_MAX) return false;
    sink.begin();
    sink.reserve(roomOf(origin.form, row));
    const { bytes, start: valueStart } = sink;
    let valueEnd: number;
    let keyEnd: number;
    try {
      valueEnd = writeValue(origin.form, row, bytes, valueStart);
      const keyOf = row.newRow ?? row.oldRow;
      keyEnd =
        valueEnd < 0 || keyColumns.length === 0 || keyOf === null
          ? valueEnd
          : renderRowAt(keyColumns, keyOf, bytes, valueEnd);
    } catch {
      return false; // a value that can't be represented: its record will say so
    }
    if (keyEnd < 0) return false;
    if (this.#draft === null || this.#shape !== shape || !this.#draft.fits(sink))
      this.#beginRun(shape);
    sink.position = keyEnd;
    this.#draft?.add(valueEnd, keyEnd, valueStart, valueEnd);
    if (this.#origins.at(-1)?.origin !== origin)
      this.#origins.push({ origin, first: this.#rows.length });
    this.#rows.push(row.place);
    this.count++;
    return true;
  }

  #beginRun(shape: RowForm['shape']): void {
    this.#endRun();
    this.#draft = new RunDraft(shape.keySchema !== null, this.#task.sink);
    this.#shape = shape;
  }

  #endRun(): void {
    const draft = this.#draft;
    if (draft === null) return;
    this.#draft = null;
    const run = new TableRun(draft.rendered(), this.#origins, this.#rows);
    this.#rows = [];
    this.#origins = [];
    this.#records.push(recordOfRun(run));
  }
}

interface Origin {
  readonly origin: RunOrigin;
  /** In the run. */
  readonly first: number;
}

class TableRun implements RecordRun {
  readonly count: number;
  readonly #rendered: RenderedRecords;
  readonly #origins: readonly Origin[];
  readonly #rows: readonly number[];

  constructor(rendered: RenderedRecords, origins: readonly Origin[], rows: readonly number[]) {
    this.count = rendered.count;
    this.#rendered = rendered;
    this.#origins = origins;
    this.#rows = rows;
  }

  /** All are rendered already, so nobody has to ask for a part. */
  render(from: number): RenderedRecords {
    const { at, count } = this.#rendered;
    return from === 0
      ? this.#rendered
      : { ...this.#rendered, count: count - from, at: at.subarray(from * 4) };
  }

  record(index: number): SourceRecord {
    let found = this.#origins[0];
    for (const each of this.#origins) if (each.first <= index) found = each;
    const row = this.#rows[index];
    if (found === undefined || row === undefined)
      throw new RangeError(`a run of ${this.count} records has none at ${index}`);
    return found.origin.record(row);
  }
}

function recordOfRun(run: RecordRun): SourceRecord {
  const last = run.record(run.count - 1);
  return {
    topic: last.topic,
    partition: null,
    keySchema: last.keySchema,
    get key() {
      return last.key;
    },
    valueSchema: last.valueSchema,
    get value() {
      return last.value;
    },
    timestampMs: null,
    headers: last.headers,
    sourcePartition: last.sourcePartition,
    get sourceOffset() {
      return last.sourceOffset;
    },
    run,
  };
}

function roomOf({ keyRoom, rowRoom }: RowForm, { closing, rowBytes, source }: RunRow): number {
  return (
    HEADS_ROOM +
    source.beforeRow.length +
    NUMBER_ROOM +
    closing.length +
    rowRoom * 2 +
    keyRoom +
    rowBytes * GROWTH
  );
}

const INSERTED = Buffer.from('{"before":null,"after":');
const BEFORE = Buffer.from('{"before":');
const AFTER = Buffer.from(',"after":');
const DELETED = Buffer.from(',"after":null');
const HEADS_ROOM = BEFORE.length + AFTER.length + DELETED.length;

function writeValue(
  { columns }: RowForm,
  { closing, newRow, oldRow, row, source }: RunRow,
  to: Buffer,
  start: number,
): number {
  let position = start;
  if (oldRow === null) {
    to.set(INSERTED, position);
    position += INSERTED.length;
  } else {
    to.set(BEFORE, position);
    position = renderRowAt(columns, oldRow, to, position + BEFORE.length);
    if (position < 0) return -1;
    const head = newRow === null ? DELETED : AFTER;
    to.set(head, position);
    position += head.length;
  }
  if (newRow !== null) {
    position = renderRowAt(columns, newRow, to, position);
    if (position < 0) return -1;
  }
  const { beforeRow } = source;
  to.set(beforeRow, position);
  position = writeInteger(row, to, position + beforeRow.length);
  to.set(closing, position);
  return position + closing.length;
}
