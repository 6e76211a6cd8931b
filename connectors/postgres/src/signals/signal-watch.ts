import type { SignalRow } from '@millrace/cdc';
import type { SourceOffset } from '@millrace/record';
import { emptyFields, walkTuple } from '../decode/fields.ts';
import type { Settings } from '../settings.ts';
import type { StreamWatch, WatchedChange } from '../stream-watch.ts';
import type { TableShape } from '../table-shape.ts';
import { identityText, textAt, type ChunkTable } from './chunk-table.ts';

/** More are not in flight at once on any server. */
const DELIVERED_MAX = 4096;

export interface SignalWatchOptions {
  readonly settings: Settings;
  readonly extras: () => SourceOffset | null;
  readonly stopAtLsn: () => number;
  /** The table whose chunk waits. */
  readonly chunked: () => ChunkTable | undefined;
  readonly onSignal: (row: SignalRow) => void;
  readonly onChange: (identity: string) => void;
  readonly onTruncate: () => void;
}

/** Sees the rows of the signal table, and the changes of the table whose chunk waits. */
export class SignalWatch implements StreamWatch {
  readonly #options: SignalWatchOptions;
  readonly #delivered = new Uint32Array(DELIVERED_MAX);
  #deliveredCount = 0;
  #lastShape: TableShape | undefined;
  #isLastSignalTable = false;

  constructor(options: SignalWatchOptions) {
    this.#options = options;
  }

  get extras(): SourceOffset | null {
    return this.#options.extras();
  }

  get stopAtLsn(): number {
    return this.#options.stopAtLsn();
  }

  begin(txId: number): void {
    this.#delivered[this.#deliveredCount++ % DELIVERED_MAX] = txId;
  }

  /** The transactions that were streamed of late. */
  delivered(): Iterable<number> {
    return this.#delivered.subarray(0, Math.min(this.#deliveredCount, DELIVERED_MAX));
  }

  concerns(shape: TableShape): boolean {
    return this.#isSignalTable(shape) || this.#isChunked(shape);
  }

  change({ shape, kind, rows }: WatchedChange): boolean {
    const { onChange, onSignal } = this.#options;
    if (this.#isChunked(shape)) {
      for (const at of [rows.oldAt, rows.newAt]) {
        if (at < 0) continue;
        const identity = this.#identityOf(shape, rows.buffer, at, rows.end);
        if (identity !== null) onChange(identity);
      }
    }
    if (kind !== 'insert' || !this.#isSignalTable(shape)) return false;
    walkTuple(rows.buffer, rows.newAt, rows.end, ROW);
    onSignal({
      id: textAt(ROW, 0) ?? '',
      type: textAt(ROW, 1) ?? '',
      data: textAt(ROW, 2),
    });
    return true;
  }

  truncate(shape: TableShape): void {
    if (this.#isChunked(shape)) this.#options.onTruncate();
  }

  /** Null: an old row that does not hold the whole identity, as when the key did not change. */
  #identityOf(shape: TableShape, buffer: Buffer, at: number, end: number): string | null {
    walkTuple(buffer, at, end, ROW);
    const texts: (string | null)[] = [];
    for (const { name } of this.#options.chunked()?.identity ?? []) {
      const column = shape.columns.find((candidate) => candidate.name === name);
      if (column === undefined) return null;
      texts.push(textAt(ROW, column.wireIndex));
    }
    return identityText(texts);
  }

  #isChunked(shape: TableShape): boolean {
    const chunked = this.#options.chunked();
    return (
      chunked !== undefined &&
      chunked.table.name === shape.table &&
      chunked.table.schema === shape.schema
    );
  }

  #isSignalTable(shape: TableShape): boolean {
    if (shape === this.#lastShape) return this.#isLastSignalTable;
    this.#lastShape = shape;
    this.#isLastSignalTable = this.#options.settings.isSignalTable(shape.schema, shape.table);
    return this.#isLastSignalTable;
  }
}

const ROW = emptyFields();
