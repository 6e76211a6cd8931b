import { RunDraft } from '@millrace/cdc';
import type {
  InPlaceRun,
  RecordRun,
  RecordTarget,
  RenderedRecords,
  SourceOffset,
  SourceRecord,
} from '@millrace/record';
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

/** Where the rows of a batch lie in what the server sent; written over by the next batch. */
export class RowPlaces {
  count = 0;
  /** Start and end of each. */
  at: Int32Array = new Int32Array(PLACES_MIN * 2);

  add(start: number, end: number): void {
    const slot = this.count * 2;
    if (slot === this.at.length) {
      const wider = new Int32Array(slot * 2);
      wider.set(this.at);
      this.at = wider;
    }
    this.at[slot] = start;
    this.at[slot + 1] = end;
    this.count++;
  }
}

const PLACES_MIN = 2048;

/** Rows of a snapshot that follow one another in one buffer and have the same marker: no object is made for each. */
export class RowRun implements RecordRun {
  readonly context: RunContext;
  count = 0;
  readonly #plan: CopyPlan;
  readonly #places: RowPlaces;
  /** Among the places. */
  readonly #first: number;
  #bytes = 0;

  private constructor(context: RunContext, plan: CopyPlan, places: RowPlaces) {
    this.context = context;
    this.#plan = plan;
    this.#places = places;
    this.#first = places.count;
  }

  /** Undefined for tables whose rows go one by one. */
  static of(context: RunContext, places: RowPlaces): RowRun | undefined {
    const plan = planOf(context.shape);
    return plan === undefined ? undefined : new RowRun(context, plan, places);
  }

  add(start: number, end: number): void {
    this.#places.add(start, end);
    this.#bytes += end - start;
    this.count++;
  }

  get inPlace(): InPlaceRun {
    const { shape, transaction, batch, lsn } = this.context;
    const valueEnd = endOfSnapshotValue(shape, transaction, batch, lsn);
    return {
      hasKeys: this.#plan.key.length > 0,
      valueEnd,
      bytes: this.#bytes + this.count * (this.#plan.ownBytes + valueEnd.length),
      write: (target, from) => this.#write(target, from),
    };
  }

  #write(target: RecordTarget, from: number): number {
    const { buffer } = this.context;
    const plan = this.#plan;
    const { at } = this.#places;
    const { bytes, end: room } = target;
    const hasKeys = plan.key.length > 0;
    for (let index = from; index < this.count; index++) {
      const slot = (this.#first + index) * 2;
      const start = at[slot] ?? 0;
      const end = at[slot + 1] ?? 0;
      const { position } = target;
      if (position + bytesMax(plan, end - start) > room) return index - from;
      const valueEnd = rendered(plan, buffer, start, end, bytes, position);
      if (valueEnd < 0) return index - from;
      target.add(valueEnd, hasKeys ? renderKeyOfLast(plan, bytes, valueEnd) : valueEnd);
    }
    return this.count - from;
  }

  render(from: number): RenderedRecords {
    const { shape, transaction, batch, lsn, buffer } = this.context;
    const { sink } = transaction.task;
    const plan = this.#plan;
    const { at } = this.#places;
    const first = this.#first * 2;
    const hasKeys = plan.key.length > 0;
    sink.begin();
    sink.reserve(bytesMax(plan, (at[first + from * 2 + 1] ?? 0) - (at[first + from * 2] ?? 0)));
    const valueSuffix = endOfSnapshotValue(shape, transaction, batch, lsn);
    const draft = new RunDraft(hasKeys, sink, valueSuffix);
    const { bytes } = sink;
    let position = sink.position;
    for (let index = from; index < this.count; index++) {
      const start = at[first + index * 2] ?? 0;
      const end = at[first + index * 2 + 1] ?? 0;
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
    const slot = (this.#first + index) * 2;
    return this.#recordOf(
      Buffer.from(this.context.buffer.subarray(this.#places.at[slot], this.#places.at[slot + 1])),
    );
  }

  /** Of the rows of a batch all are the same; asked for when their bytes are gone. */
  get sourceOffset(): SourceOffset {
    return this.#recordOf(NO_BYTES).sourceOffset;
  }

  #recordOf(own: Buffer): RowRecord {
    const { shape, transaction, batch, lsn } = this.context;
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
}

const NO_BYTES = Buffer.alloc(0);

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
