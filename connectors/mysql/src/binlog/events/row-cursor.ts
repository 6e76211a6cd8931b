import { ABSENT, NULL_VALUE, type RowFields } from '../../types/row.ts';
import type { RowOperation, RowsEvent } from './event.ts';
import type { TableMap } from './table-map.ts';

/**
 * Goes through the rows of an event: `while (cursor.next()) …`. Only places are found; `readRow` finds the values
 * again from `(event, place)` at any later time, as the bytes are not written over.
 */
export class RowCursor {
  /** Place of the old row, of updates and deletes; else −1. */
  beforeAt = -1;
  /** Place of the new row, of inserts and updates; else −1. */
  afterAt = -1;
  /** From 0; −1 before the first. */
  index = -1;
  /** Of the row, after `nextFields`. */
  rowBytes = 0;
  readonly #event: RowsEvent;
  readonly #image: Image;
  readonly #imageAfter: Image;
  #at: number;

  constructor(event: RowsEvent) {
    this.#event = event;
    this.#image = imageOf(event.table, event.columns);
    this.#imageAfter =
      event.columnsAfter === event.columns ? this.#image : imageOf(event.table, event.columnsAfter);
    this.#at = event.start;
  }

  /** @throws RangeError when the row is not whole */
  next(): boolean {
    const { buffer, end, operation } = this.#event;
    if (this.#at >= end) return false;
    this.index++;
    const start = this.#at;
    this.#advance(operation, buffer, end);
    // Rows without columns would have no end.
    if (this.#at === start) throw new RangeError('a row without content');
    return true;
  }

  /** `next`, with the values of the row: what there is of the old and the new one. */
  nextFields(oldRow: RowFields, newRow: RowFields): boolean {
    const { end, operation } = this.#event;
    if (this.#at >= end) return false;
    this.index++;
    const start = this.#at;
    if (operation !== 'insert') {
      this.beforeAt = this.#at;
      this.#at = readImage(this.#image, this.#event, this.#at, oldRow);
    }
    if (operation !== 'delete') {
      this.afterAt = this.#at;
      const image = operation === 'update' ? this.#imageAfter : this.#image;
      this.#at = readImage(image, this.#event, this.#at, newRow);
    }
    this.rowBytes = this.#at - start;
    if (this.rowBytes === 0) throw new RangeError('a row without content');
    return true;
  }

  #advance(operation: RowOperation, buffer: Buffer, end: number): void {
    if (operation === 'insert') {
      this.afterAt = this.#at;
      this.#at = skipImage(this.#image, buffer, this.#at, end);
      return;
    }
    this.beforeAt = this.#at;
    this.#at = skipImage(this.#image, buffer, this.#at, end);
    if (operation === 'update') {
      this.afterAt = this.#at;
      this.#at = skipImage(this.#imageAfter, buffer, this.#at, end);
    }
  }
}

/** Finds the values of a row. `isAfter`: the new row of an update. */
export function readRow(
  event: RowsEvent,
  at: number,
  isAfter: boolean,
  into: RowFields,
): RowFields {
  readImage(imageOf(event.table, isAfter ? event.columnsAfter : event.columns), event, at, into);
  return into;
}

/** How a row of these columns stands in the bytes. */
interface Image {
  /** Of the columns that are in it: bytes of each value; or, below zero, of the length before each value. */
  readonly sizes: Int16Array;
  /** Which columns they are. */
  readonly columns: Int16Array;
  readonly isWhole: boolean;
  readonly columnCount: number;
}

/** The images of a table by their bitmap: a few, as `binlog_row_image` and the key make them. */
const images = new WeakMap<TableMap, Map<string, Image>>();
const IMAGES_MAX = 256;
/** The last one, as rows of one table come in sequence. */
let lastTable: TableMap | undefined;
let lastBitmap: Buffer | undefined;
let lastImage: Image | undefined;

function imageOf(table: TableMap, bitmap: Buffer): Image {
  if (table === lastTable && bitmap === lastBitmap && lastImage !== undefined) return lastImage;
  let known = images.get(table);
  if (known === undefined || known.size > IMAGES_MAX) {
    known = new Map();
    images.set(table, known);
  }
  const text = bitmap.toString('latin1');
  let image = known.get(text);
  if (image === undefined) {
    image = makeImage(table, bitmap);
    known.set(text, image);
  }
  lastTable = table;
  lastBitmap = bitmap;
  lastImage = image;
  return image;
}

function makeImage(table: TableMap, bitmap: Buffer): Image {
  const columns = table.columns.flatMap((_, index) =>
    ((bitmap[index >> 3] ?? 0) & (1 << (index & 7))) === 0 ? [] : [index],
  );
  return {
    columns: Int16Array.from(columns),
    sizes: Int16Array.from(columns, (index) => table.columns[index]?.size ?? 0),
    isWhole: columns.length === table.columns.length,
    columnCount: table.columns.length,
  };
}

/** The place behind a row. */
function skipImage(image: Image, buffer: Buffer, start: number, end: number): number {
  const { sizes } = image;
  const count = sizes.length;
  let at = start + ((count + 7) >> 3);
  for (let index = 0; index < count; index++) {
    if (((buffer[start + (index >> 3)] ?? 0) & (1 << (index & 7))) !== 0) continue;
    const size = sizes[index] ?? 0;
    at = size >= 0 ? at + size : at - size + lengthAt(buffer, at, -size);
    if (at > end) throw new RangeError('a row is not whole');
  }
  if (at > end) throw new RangeError('a row is not whole');
  return at;
}

/** Returns the place behind the row. */
function readImage(image: Image, event: RowsEvent, start: number, into: RowFields): number {
  const { buffer, end } = event;
  const { columns, sizes } = image;
  const count = sizes.length;
  into.buffer = buffer;
  into.count = image.columnCount;
  if (into.at.length < image.columnCount * 2) into.at = new Int32Array(image.columnCount * 2);
  const places = into.at;
  if (!image.isWhole) places.fill(ABSENT, 0, image.columnCount * 2);
  let at = start + ((count + 7) >> 3);
  for (let index = 0; index < count; index++) {
    const slot = (columns[index] ?? 0) * 2;
    if (((buffer[start + (index >> 3)] ?? 0) & (1 << (index & 7))) !== 0) {
      places[slot] = NULL_VALUE;
      continue;
    }
    const size = sizes[index] ?? 0;
    const first = size >= 0 ? at : at - size;
    at = size >= 0 ? at + size : first + lengthAt(buffer, at, -size);
    if (at > end) throw new RangeError('a row is not whole');
    places[slot] = first;
    places[slot + 1] = at;
  }
  if (at > end) throw new RangeError('a row is not whole');
  return at;
}

function lengthAt(buffer: Buffer, at: number, bytes: number): number {
  const low = buffer[at] ?? 0;
  if (bytes === 1) return low;
  const two = low | ((buffer[at + 1] ?? 0) << 8);
  if (bytes === 2) return two;
  const three = two | ((buffer[at + 2] ?? 0) << 16);
  return bytes === 3 ? three : three + (buffer[at + 3] ?? 0) * 0x100_0000;
}

/** The place behind one row. */
export function skipRow(event: RowsEvent, at: number, isAfter: boolean): number {
  const bitmap = isAfter ? event.columnsAfter : event.columns;
  return skipImage(imageOf(event.table, bitmap), event.buffer, at, event.end);
}
