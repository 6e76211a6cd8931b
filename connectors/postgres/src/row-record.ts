import {
  ENVELOPE_JSON,
  envelopeTail,
  envelopeValue,
  placeText,
  type KeyedRecord,
  type Operation,
  type RecordContext,
  type RowBatch,
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
import { emptyFields, UNCHANGED, walkCopyRow, walkTuple, type RowFields } from './decode/fields.ts';
import { decodeRow, renderRow } from './json-row.ts';
import { snapshotOffset, streamOffset, type SnapshotKind } from './position.ts';
import type { ShapeColumn, TableShape } from './table-shape.ts';

/** What all records of one task share. */
export interface TaskRecords extends RecordContext {
  readonly database: string;
}

/** What all records of one transaction share; a snapshot has one for each marker. Made once, so rendered once. */
export interface TransactionContext {
  readonly task: TaskRecords;
  readonly txId: number | null;
  readonly commitMicros: number;
  /** End of the transaction before, or where the stream began: the position. */
  readonly lastCommitLsn: number | null;
  /** The same as `source.sequence` tells it: null until a transaction was seen to end. */
  readonly sequenceLsn: number | null;
  readonly origin: string | null;
  readonly originLsn: number | null;
  readonly xmin: number | null;
  readonly snapshot: string;
  readonly snapshotKind?: SnapshotKind;
  /** Of a chunk of an incremental snapshot, whose rows have no LSN: the offset by the row's `countAtLsn`. */
  readonly offsetAt?: (rowIndex: number) => SourceOffset;
  /** The parts of the source block around the LSN, by table. */
  readonly sources: Map<TableShape, SourceParts>;
}

/** What all records decoded in one go share. */
export interface BatchContext extends RowBatch {
  /** Keys to add to the offsets: of snapshots in progress. */
  readonly extras: SourceOffset | null;
}

interface SourceParts {
  readonly beforeSequence: Buffer;
  readonly beforeLsn: Buffer;
  readonly afterLsn: Buffer;
}

/** Where the rows of a record stand, and the record in the stream. The bytes are the server's, never written again. */
export interface RowSource {
  readonly buffer: Buffer;
  readonly end: number;
  /** Start of the old row, for `before`; −1: none. */
  readonly oldAt: number;
  /** Start of the new row, for `after`; −1: none. */
  readonly newAt: number;
  /** Start of a whole old row, from which values are taken that the new one lacks; −1: none. */
  readonly fillAt: number;
  readonly isCopy: boolean;
  readonly lsn: number;
  readonly countAtLsn: number;
  readonly messageType: string;
  readonly isLastOfSnapshot: boolean;
}

/**
 * A change of a row. Nothing is decoded until somebody asks: `json` renders the ready-made bytes straight from the wire,
 * `key` and `value` make values. The getters stand on the prototype, so a record must not be spread; with transforms
 * configured, `copyable` is used in its place, which has no `json`, and the runtime copies it before a transform.
 */
export class RowRecord implements KeyedRecord {
  readonly headers: readonly Header[];
  readonly #shape: TableShape;
  readonly #operation: Operation;
  readonly #rows: RowSource;
  readonly #transaction: TransactionContext;
  readonly #batch: BatchContext;
  readonly #place: TransactionPlace | null;

  constructor(
    shape: TableShape,
    operation: Operation,
    rows: RowSource,
    transaction: TransactionContext,
    batch: BatchContext,
    place: TransactionPlace | null,
    headers: readonly Header[],
  ) {
    this.headers = headers;
    this.#shape = shape;
    this.#operation = operation;
    this.#rows = rows;
    this.#transaction = transaction;
    this.#batch = batch;
    this.#place = place;
  }

  get shape(): TableShape {
    return this.#shape;
  }

  /** Of the new row, as the server sent them; null: null, or not sent. */
  newTexts(columns: readonly ShapeColumn[]): readonly (string | null)[] {
    if (this.#rows.newAt < 0) return columns.map(() => null);
    const { at, buffer } = this.#newRow();
    return columns.map(({ wireIndex }) => {
      const start = at[wireIndex * 2] ?? -1;
      return start < 0 ? null : buffer.toString('utf8', start, at[wireIndex * 2 + 1]);
    });
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
    return this.#transaction.task.sourcePartition;
  }

  get sourceOffset(): SourceOffset {
    return withExtras(offsetOf(this.#transaction, this.#rows), this.#batch.extras);
  }

  get key(): unknown {
    const { keyColumns } = this.#shape;
    return keyColumns.length === 0 ? null : decodeRow(keyColumns, this.#keyRow());
  }

  get value(): unknown {
    const { columns } = this.#shape;
    const { lsn, newAt, oldAt } = this.#rows;
    return envelopeValue({
      before: oldAt < 0 ? null : decodeRow(columns, this.#walk(oldAt, OLD)),
      after: newAt < 0 ? null : decodeRow(columns, this.#newRow()),
      source: sourceValue(this.#shape, this.#transaction, lsn),
      place: this.#place,
      operation: this.#operation,
      nowMs: this.#batch.nowMs,
    });
  }

  /**
   * Rendered anew at each look: records are kept until they are acknowledged, and what was rendered shall not be.
   * @throws MillraceError when a value can't be represented (INV-8), as `value` does
   */
  get json(): JsonForm {
    const { columns, keyColumns } = this.#shape;
    const { oldAt, newAt } = this.#rows;
    // The fields of a row are found once for key and value.
    const newRow = newAt < 0 ? null : this.#newRow();
    const oldRow = oldAt < 0 ? null : this.#walk(oldAt, OLD);
    return {
      key: this.#renderKey(keyColumns, newRow ?? oldRow),
      value: this.#renderValue(columns, oldRow, newRow),
    };
  }

  /** `json.key` alone. */
  get keyJson(): Buffer | null {
    return this.#renderKey(this.#shape.keyColumns, this.#keyRow());
  }

  #keyRow(): RowFields {
    return this.#rows.newAt < 0 ? this.#walk(this.#rows.oldAt, OLD) : this.#newRow();
  }

  /** The new row, with TOAST values that were not sent taken from the old one where that is whole. */
  #newRow(): RowFields {
    const fields = this.#walk(this.#rows.newAt, NEW);
    if (this.#rows.fillAt >= 0) fillUnchanged(fields, this.#walk(this.#rows.fillAt, OLD));
    return fields;
  }

  #walk(at: number, into: RowFields): RowFields {
    const { buffer, end, isCopy } = this.#rows;
    if (isCopy) walkCopyRow(buffer, at, end, into);
    else walkTuple(buffer, at, end, into);
    return into;
  }

  #renderKey(keyColumns: readonly ShapeColumn[], row: RowFields | null): Buffer | null {
    if (keyColumns.length === 0 || row === null) return null;
    const { sink } = this.#transaction.task;
    sink.begin();
    renderRow(sink, keyColumns, row);
    return sink.finish();
  }

  #renderValue(
    columns: readonly ShapeColumn[],
    oldRow: RowFields | null,
    newRow: RowFields | null,
  ): Buffer {
    const { sink } = this.#transaction.task;
    const { lsn } = this.#rows;
    const source = sourceParts(this.#shape, this.#transaction);
    sink.begin();
    sink.writeBytes(BEFORE);
    if (oldRow === null) sink.writeBytes(NULL);
    else renderRow(sink, columns, oldRow);
    sink.writeBytes(AFTER);
    if (newRow === null) sink.writeBytes(NULL);
    else renderRow(sink, columns, newRow);
    sink.writeBytes(source.beforeSequence);
    sink.writeInteger(lsn);
    sink.writeBytes(source.beforeLsn);
    if (this.#transaction.offsetAt === undefined) sink.writeInteger(lsn);
    else sink.writeBytes(NULL);
    sink.writeBytes(source.afterLsn);
    if (this.#place === null) sink.writeBytes(NULL);
    else sink.writeText(placeText(this.#place));
    sink.writeBytes(envelopeTail(this.#batch, this.#operation));
    return sink.finish();
  }
}

/** Fields are found again for each look at a record, in these two. */
const OLD = emptyFields();
const NEW = emptyFields();

const { before: BEFORE, after: AFTER, null: NULL } = ENVELOPE_JSON;
const AFTER_END = Buffer.from('}');

/** Takes values that the new row lacks from the old one. */
export function fillUnchanged(row: RowFields, old: RowFields): void {
  for (let slot = 0; slot < row.count * 2; slot += 2) {
    if (row.at[slot] !== UNCHANGED) continue;
    row.at[slot] = old.at[slot] ?? UNCHANGED;
    row.at[slot + 1] = old.at[slot + 1] ?? 0;
  }
}

/** Columns whose values the server did not send, by name. */
export function unavailableColumns(shape: TableShape, row: RowFields): readonly string[] {
  return shape.columns
    .filter((column) => row.at[column.wireIndex * 2] === UNCHANGED)
    .map((column) => column.field);
}

/** Whether two rows have the same texts in these columns; a value that was not sent is the same. */
export function sameValues(
  columns: readonly ShapeColumn[],
  left: RowFields,
  right: RowFields,
): boolean {
  return columns.every(({ wireIndex }) => {
    const leftStart = left.at[wireIndex * 2] ?? UNCHANGED;
    const rightStart = right.at[wireIndex * 2] ?? UNCHANGED;
    if (leftStart === UNCHANGED || rightStart === UNCHANGED) return true;
    if (leftStart < 0 || rightStart < 0) return leftStart === rightStart;
    return (
      left.buffer.compare(
        right.buffer,
        rightStart,
        right.at[wireIndex * 2 + 1],
        leftStart,
        left.at[wireIndex * 2 + 1],
      ) === 0
    );
  });
}

/** The offset with the keys of snapshots in progress. */
export function withExtras(offset: SourceOffset, extras: SourceOffset | null): SourceOffset {
  return extras === null ? offset : { ...offset, ...extras };
}

function offsetOf(transaction: TransactionContext, position: RowSource): SourceOffset {
  if (transaction.offsetAt !== undefined) return transaction.offsetAt(position.countAtLsn);
  if (transaction.snapshot !== 'false')
    return snapshotOffset({
      lsn: position.lsn,
      txId: transaction.txId,
      micros: transaction.commitMicros,
      isLast: position.isLastOfSnapshot,
      kind: transaction.snapshotKind ?? 'INITIAL',
      commitLsn: transaction.lastCommitLsn,
    });
  return streamOffset({
    lsn: position.lsn,
    countAtLsn: position.countAtLsn,
    commitLsn: transaction.lastCommitLsn,
    txId: transaction.txId,
    messageType: position.messageType,
    commitMicros: transaction.commitMicros,
  });
}

export interface SourceOf {
  readonly schema: string;
  readonly table: string;
}

/** The source block as a value. */
export function sourceValue(
  table: SourceOf,
  transaction: TransactionContext,
  lsn: number,
): Readonly<Record<string, unknown>> {
  const { commitMicros, sequenceLsn, task } = transaction;
  return {
    version: task.version,
    connector: 'postgresql',
    name: task.name,
    ts_ms: Math.floor(commitMicros / 1000),
    snapshot: transaction.snapshot,
    db: task.database,
    sequence: JSON.stringify([sequenceLsn === null ? null : String(sequenceLsn), String(lsn)]),
    ts_us: commitMicros,
    ts_ns: int64(BigInt(commitMicros) * 1000n),
    schema: table.schema,
    table: table.table,
    txId: transaction.txId,
    lsn: transaction.offsetAt === undefined ? lsn : null,
    xmin: transaction.xmin,
    origin: transaction.origin,
    origin_lsn: transaction.originLsn,
  };
}

function sourceParts(shape: TableShape, transaction: TransactionContext): SourceParts {
  const known = transaction.sources.get(shape);
  if (known !== undefined) return known;
  const { commitMicros, sequenceLsn, origin, originLsn, task, txId, xmin } = transaction;
  const last = sequenceLsn === null ? 'null' : `\\"${sequenceLsn}\\"`;
  const parts: SourceParts = {
    beforeSequence: Buffer.from(
      `,"source":{"version":${JSON.stringify(task.version)},"connector":"postgresql","name":${JSON.stringify(task.name)},` +
        `"ts_ms":${Math.floor(commitMicros / 1000)},"snapshot":"${transaction.snapshot}","db":${JSON.stringify(task.database)},` +
        `"sequence":"[${last},\\"`,
    ),
    beforeLsn: Buffer.from(
      `\\"]","ts_us":${commitMicros},"ts_ns":${commitMicros}000,${shape.sourceNames},"txId":${txId},"lsn":`,
    ),
    afterLsn: Buffer.from(
      `,"xmin":${xmin},"origin":${JSON.stringify(origin)},"origin_lsn":${originLsn}},"transaction":`,
    ),
  };
  transaction.sources.set(shape, parts);
  return parts;
}

/** What a value of a snapshot ends with, behind the last value of `after`: the same for all rows of a batch. */
export function endOfSnapshotValue(
  shape: TableShape,
  transaction: TransactionContext,
  batch: BatchContext,
  lsn: number,
): Buffer {
  const { beforeSequence, beforeLsn, afterLsn } = sourceParts(shape, transaction);
  const digits = Buffer.from(String(lsn));
  return Buffer.concat([
    ...[AFTER_END, beforeSequence, digits, beforeLsn, digits, afterLsn],
    ...[NULL, envelopeTail(batch, 'r')],
  ]);
}
