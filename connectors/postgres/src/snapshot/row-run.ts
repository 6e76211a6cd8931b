import { RunDraft } from '@millrace/cdc';
import type { RecordRun, RenderedRecords, SourceOffset, SourceRecord } from '@millrace/record';
import {
  endOfSnapshotValue,
  RowRecord,
  type BatchContext,
  type TransactionContext,
} from '../row-record.ts';
import type { TableShape } from '../table-shape.ts';
import {
  BYTES_OF_BYTE_MAX,
  KEY_COLUMNS_MAX,
  planCopy,
  renderCopyRow,
  renderKeyOfLast,
  type CopyPlan,
} from './copy-json.ts';

/** What all rows of a run share. */
export interface RunContext {
  readonly shape: TableShape;
  readonly transaction: TransactionContext;
  readonly batch: BatchContext;
  readonly lsn: number;
  /** The bytes of the server, lent until the next poll. */
  readonly buffer: Buffer;
}

const plans = new WeakMap<TableShape, { readonly plan: CopyPlan | undefined }>();

function planOf(shape: TableShape): CopyPlan | undefined {
  const known = plans.get(shape);
  if (known !== undefined) return known.plan;
  const plan = shape.keyColumns.length > KEY_COLUMNS_MAX ? undefined : planCopy(shape);
  plans.set(shape, { plan });
  return plan;
}

/** Rows of a snapshot that follow one another in one buffer and have the same marker: no object is made for each. */
export class RowRun implements RecordRun {
  readonly context: RunContext;
  readonly #plan: CopyPlan;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  private constructor(context: RunContext, plan: CopyPlan) {
    this.context = context;
    this.#plan = plan;
  }

  /** Undefined for tables whose rows go one by one. */
  static of(context: RunContext): RowRun | undefined {
    const plan = planOf(context.shape);
    return plan === undefined ? undefined : new RowRun(context, plan);
  }

  get count(): number {
    return this.#starts.length;
  }

  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  render(from: number): RenderedRecords {
    const { shape, transaction, batch, lsn, buffer } = this.context;
    const { sink } = transaction.task;
    const plan = this.#plan;
    const starts = this.#starts;
    const ends = this.#ends;
    const hasKeys = plan.key.length > 0;
    sink.begin();
    sink.reserve(bytesMax(plan, (ends[from] ?? 0) - (starts[from] ?? 0)));
    const valueSuffix = endOfSnapshotValue(shape, transaction, batch, lsn);
    const draft = new RunDraft(hasKeys, sink, valueSuffix);
    const { bytes } = sink;
    let position = sink.position;
    for (let index = from; index < starts.length; index++) {
      const start = starts[index] ?? 0;
      const end = ends[index] ?? 0;
      if (position + bytesMax(plan, end - start) > bytes.length) break;
      const valueEnd = rendered(plan, buffer, start, end, bytes, position);
      if (valueEnd < 0) break;
      const keyEnd = hasKeys ? renderKeyOfLast(plan, bytes, valueEnd) : valueEnd;
      draft.add(valueEnd, keyEnd, position, valueEnd);
      position = keyEnd;
    }
    sink.position = position;
    return draft.rendered();
  }

  record(index: number): RowRecord {
    const { shape, transaction, batch, lsn, buffer } = this.context;
    const own = Buffer.from(buffer.subarray(this.#starts[index], this.#ends[index]));
    const row = {
      buffer: own,
      end: own.length,
      oldAt: -1,
      newAt: 0,
      fillAt: -1,
      isCopy: true,
      lsn,
      countAtLsn: 0,
      messageType: 'READ',
      isLastOfSnapshot: false,
    };
    return new RowRecord(shape, 'r', row, transaction, batch, null, transaction.task.headers);
  }

  /** Of the rows of a batch all are the same. */
  get sourceOffset(): SourceOffset {
    return this.record(0).sourceOffset;
  }
}

function bytesMax(plan: CopyPlan, rowBytes: number): number {
  return plan.constantBytes + rowBytes * BYTES_OF_BYTE_MAX;
}

/** -1 also for a value that can't be represented: the long way says which (INV-8). */
function rendered(
  plan: CopyPlan,
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  try {
    return renderCopyRow(plan, from, start, end, to, position);
  } catch {
    return -1;
  }
}

/** The record that stands for the rows of a run, to which more may be added until it is handed out. */
export function runRecord(run: RowRun): SourceRecord {
  const { shape, transaction } = run.context;
  return {
    topic: shape.topic,
    partition: null,
    keySchema: shape.keySchema,
    key: null,
    valueSchema: shape.valueSchema,
    value: null,
    timestampMs: null,
    headers: transaction.task.headers,
    sourcePartition: transaction.task.sourcePartition,
    get sourceOffset() {
      return run.sourceOffset;
    },
    run,
  };
}
