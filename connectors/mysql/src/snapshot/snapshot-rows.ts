import type { SourceRecord } from '@millrace/record';
import type { RowOutput, RunOrigin, RunRow } from '../row-output.ts';
import type { EventSource } from '../row-record.ts';
import type { RowForm } from '../table-shape.ts';
import { emptyFields } from '../types/row.ts';
import { readTextRow } from '../types/text-row.ts';
import type { SnapshotTable } from './chunks.ts';
import type { ReceivedRow } from './row-query.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Rows of one table in a run, with the same progress in their offsets. */
export class SnapshotRows implements RunOrigin {
  readonly table: SnapshotTable;
  readonly progress: string;
  readonly #recordOf: (row: ReceivedRow) => SourceRecord;
  readonly #rows: ReceivedRow[] = [];
  /** Used again for each row. */
  readonly #runRow: Writable<RunRow>;

  constructor(
    table: SnapshotTable,
    source: EventSource,
    closing: Buffer,
    progress: string,
    recordOf: (row: ReceivedRow) => SourceRecord,
  ) {
    this.table = table;
    this.progress = progress;
    this.#recordOf = recordOf;
    this.#runRow = { source, row: 0, oldRow: null, newRow: FIELDS, rowBytes: 0, closing, place: 0 };
  }

  get form(): RowForm {
    return this.table.form;
  }

  /** False: nothing was added. */
  addTo(output: RowOutput, row: ReceivedRow): boolean {
    readTextRow(row.buffer, row.start, row.end, FIELDS);
    this.#runRow.rowBytes = row.end - row.start;
    this.#runRow.place = this.#rows.length;
    if (!output.addRow(this, this.#runRow)) return false;
    this.#rows.push(row);
    return true;
  }

  record(place: number): SourceRecord {
    const row = this.#rows[place];
    if (row === undefined) throw new RangeError(`${place} of ${this.#rows.length} rows in a run`);
    return this.#recordOf(row);
  }
}

/** Found again for each row. */
const FIELDS = emptyFields();
