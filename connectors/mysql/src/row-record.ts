import {
  ENVELOPE_JSON,
  envelopeTail,
  envelopeValue,
  placeText,
  type KeyedRecord,
  type Operation,
  type RecordContext,
  type RowBatch,
  type SnapshotMarker,
  type TransactionPlace,
} from '@millrace/cdc';
import {
  int64,
  type Header,
  type JsonForm,
  type Schema,
  type SourceOffset,
  type SourcePartition,
} from '@millrace/record';
import { readRow } from './binlog/events/row-cursor.ts';
import type { RowsEvent } from './binlog/events/event.ts';
import type { RowForm, ShapeColumn, TableShape } from './table-shape.ts';
import { decodeRow, renderRow } from './types/render-row.ts';
import { emptyFields, type RowFields } from './types/row.ts';
import { readTextRow } from './types/text-row.ts';
import type { Flavour } from './settings.ts';

/** What all records of one task share. */
export interface TaskRecords extends RecordContext {
  readonly connector: Flavour;
  /** The runtime takes runs of records. */
  readonly takesRuns: boolean;
}

/** What `source` tells that is the same for all rows of an event. */
export interface SourceOfEvent {
  readonly task: TaskRecords;
  readonly snapshot: SnapshotMarker;
  readonly database: string;
  /** null: of an event that is of no table. */
  readonly table: string | null;
  readonly micros: number;
  readonly serverId: number;
  readonly gtid: string | null;
  readonly file: string;
  readonly position: number;
  readonly thread: number | null;
  readonly query: string | null;
}

/** A source with its JSON around the row's number; made once an event, so rendered once. */
export class EventSource {
  readonly of: SourceOfEvent;
  #beforeRow: Buffer | null = null;
  #afterRow: Buffer | null = null;
  #closing: Buffer | null = null;
  #closingOf: Operation | null = null;
  #closingIn: RowBatch | null = null;

  constructor(of: SourceOfEvent) {
    this.of = of;
  }

  get beforeRow(): Buffer {
    this.#beforeRow ??= renderBeforeRow(this.of);
    return this.#beforeRow;
  }

  get afterRow(): Buffer {
    this.#afterRow ??= Buffer.from(
      `,"thread":${this.of.thread},"query":${JSON.stringify(this.of.query)}},"transaction":`,
    );
    return this.#afterRow;
  }

  /** What follows the row's number, to the end of the event, where no transaction is told. */
  closing(batch: RowBatch, operation: Operation): Buffer {
    if (this.#closing === null || this.#closingIn !== batch || this.#closingOf !== operation) {
      this.#closing = Buffer.concat([
        this.afterRow,
        ENVELOPE_JSON.null,
        envelopeTail(batch, operation),
      ]);
      this.#closingIn = batch;
      this.#closingOf = operation;
    }
    return this.#closing;
  }

  value(row: number): Readonly<Record<string, unknown>> {
    const { of } = this;
    return {
      version: of.task.version,
      connector: of.task.connector,
      name: of.task.name,
      ts_ms: Math.floor(of.micros / 1000),
      snapshot: of.snapshot,
      db: of.database,
      sequence: null,
      ts_us: of.micros,
      ts_ns: int64(BigInt(of.micros) * 1000n),
      table: of.table,
      server_id: of.serverId,
      gtid: of.gtid,
      file: of.file,
      pos: of.position,
      row,
      thread: of.thread,
      query: of.query,
    };
  }
}

function renderBeforeRow(of: SourceOfEvent): Buffer {
  const text = JSON.stringify;
  return Buffer.from(
    `,"source":{"version":${text(of.task.version)},"connector":"${of.task.connector}","name":${text(of.task.name)},` +
      `"ts_ms":${Math.floor(of.micros / 1000)},"snapshot":"${of.snapshot}","db":${text(of.database)},"sequence":null,` +
      `"ts_us":${of.micros},"ts_ns":${BigInt(of.micros) * 1000n},"table":${text(of.table)},"server_id":${of.serverId},` +
      `"gtid":${text(of.gtid)},"file":${text(of.file)},"pos":${of.position},"row":`,
  );
}

/** The rows of a record where they were received; found again for each look, so that nothing is kept but the bytes. */
export interface RowBytes {
  readonly hasOld: boolean;
  readonly hasNew: boolean;
  readOld(into: RowFields): RowFields;
  readNew(into: RowFields): RowFields;
}

/** Of a rows event; `beforeAt` or `afterAt` −1: there is none. */
export class BinlogRow implements RowBytes {
  readonly #event: RowsEvent;
  readonly #beforeAt: number;
  readonly #afterAt: number;

  constructor(event: RowsEvent, beforeAt: number, afterAt: number) {
    this.#event = event;
    this.#beforeAt = beforeAt;
    this.#afterAt = afterAt;
  }

  get hasOld(): boolean {
    return this.#beforeAt >= 0;
  }

  get hasNew(): boolean {
    return this.#afterAt >= 0;
  }

  readOld(into: RowFields): RowFields {
    return readRow(this.#event, this.#beforeAt, false, into);
  }

  readNew(into: RowFields): RowFields {
    return readRow(this.#event, this.#afterAt, true, into);
  }
}

/** Of the text protocol: a row of a snapshot. */
export class TextRow implements RowBytes {
  readonly hasOld = false;
  readonly hasNew = true;
  readonly #buffer: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
  }

  readOld(into: RowFields): RowFields {
    return into;
  }

  readNew(into: RowFields): RowFields {
    return readTextRow(this.#buffer, this.#start, this.#end, into);
  }
}

export interface RowRecordParts {
  readonly form: RowForm;
  readonly operation: Operation;
  readonly rows: RowBytes;
  readonly source: EventSource;
  /** Of the row in its event. */
  readonly row: number;
  readonly batch: RowBatch;
  readonly place: TransactionPlace | null;
  readonly headers: readonly Header[];
  readonly offset: () => SourceOffset;
}

/**
 * A change of a row. Nothing is decoded until somebody asks: `json` renders the ready-made bytes straight from the wire,
 * `key` and `value` make values. The getters stand on the prototype, so a record must not be spread; with transforms
 * configured, `copyable` is used in its place, which has no `json`, and the runtime copies it before a transform.
 */
export class RowRecord implements KeyedRecord {
  readonly #parts: RowRecordParts;

  constructor(parts: RowRecordParts) {
    this.#parts = parts;
  }

  get headers(): readonly Header[] {
    return this.#parts.headers;
  }

  get shape(): TableShape {
    return this.#shape;
  }

  /** Of the new row, by field. */
  newValues(columns: readonly ShapeColumn[]): Readonly<Record<string, unknown>> {
    const { form, rows } = this.#parts;
    if (!rows.hasNew) return {};
    const indexes = new Set(columns.map(({ index }) => index));
    const wanted = form.columns.filter((_column, at) =>
      indexes.has(form.shape.columns[at]?.index ?? -1),
    );
    return decodeRow(wanted, rows.readNew(NEW));
  }

  get topic(): string {
    return this.#shape.topic;
  }

  get partition(): null {
    return null;
  }

  get keySchema(): Schema | null {
    return this.#shape.keySchema;
  }

  get valueSchema(): Schema {
    return this.#shape.valueSchema;
  }

  get timestampMs(): null {
    return null;
  }

  get sourcePartition(): SourcePartition {
    return this.#parts.source.of.task.sourcePartition;
  }

  get sourceOffset(): SourceOffset {
    return this.#parts.offset();
  }

  get key(): unknown {
    const { keyColumns } = this.#parts.form;
    return keyColumns.length === 0 ? null : decodeRow(keyColumns, this.#keyRow());
  }

  get value(): unknown {
    const { batch, form, operation, place, row, rows, source } = this.#parts;
    return envelopeValue({
      before: rows.hasOld ? decodeRow(form.columns, rows.readOld(OLD)) : null,
      after: rows.hasNew ? decodeRow(form.columns, rows.readNew(NEW)) : null,
      source: source.value(row),
      place,
      operation,
      nowMs: batch.nowMs,
    });
  }

  /**
   * Rendered anew at each look: records are kept until they are acknowledged, and what was rendered shall not be.
   * @throws MillraceError when a value can't be represented (INV-8), as `value` does
   */
  get json(): JsonForm {
    const { form, rows } = this.#parts;
    // The fields of a row are found once for key and value.
    const newRow = rows.hasNew ? rows.readNew(NEW) : null;
    const oldRow = rows.hasOld ? rows.readOld(OLD) : null;
    return {
      key: this.#renderKey(form, newRow ?? oldRow),
      value: this.#renderValue(form, oldRow, newRow),
    };
  }

  /** `json.key` alone. */
  get keyJson(): Buffer | null {
    return this.#renderKey(this.#parts.form, this.#keyRow());
  }

  get #shape(): TableShape {
    return this.#parts.form.shape;
  }

  #keyRow(): RowFields {
    const { rows } = this.#parts;
    return rows.hasNew ? rows.readNew(NEW) : rows.readOld(OLD);
  }

  #renderKey({ keyColumns }: RowForm, row: RowFields | null): Buffer | null {
    if (keyColumns.length === 0 || row === null) return null;
    const { sink } = this.#parts.source.of.task;
    sink.begin();
    renderRow(sink, keyColumns, row);
    return sink.finish();
  }

  #renderValue({ columns }: RowForm, oldRow: RowFields | null, newRow: RowFields | null): Buffer {
    const { batch, operation, place, row, source } = this.#parts;
    const { sink } = source.of.task;
    sink.begin();
    sink.writeBytes(BEFORE);
    if (oldRow === null) sink.writeBytes(NULL);
    else renderRow(sink, columns, oldRow);
    sink.writeBytes(AFTER);
    if (newRow === null) sink.writeBytes(NULL);
    else renderRow(sink, columns, newRow);
    sink.writeBytes(source.beforeRow);
    sink.writeInteger(row);
    sink.writeBytes(source.afterRow);
    if (place === null) sink.writeBytes(NULL);
    else sink.writeText(placeText(place));
    sink.writeBytes(envelopeTail(batch, operation));
    return sink.finish();
  }
}

/** Fields are found again for each look at a record, in these two. */
const OLD = emptyFields();
const NEW = emptyFields();

const { before: BEFORE, after: AFTER, null: NULL } = ENVELOPE_JSON;
