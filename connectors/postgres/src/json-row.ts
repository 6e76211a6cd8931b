import {
  copyBytes,
  quotedBytes,
  setMember,
  writeInteger,
  writeQuoted,
  type JsonSink,
} from '@millrace/cdc';
import { jsonText } from '@millrace/record';
import { NULL_VALUE, UNCHANGED, type RowFields } from './decode/fields.ts';
import { writeDecimal, writeZonedTimestamp } from './json-text.ts';
import type { ShapeColumn } from './table-shape.ts';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const EMPTY_OBJECT = Buffer.from('{}');
const CLOSE = 0x7d;
const LETTER_T = 0x74;

/** A row as a JSON object, straight from the text that the server sent: no value is made on the common ways. */
export function renderRow(
  sink: JsonSink,
  columns: readonly ShapeColumn[],
  fields: RowFields,
): void {
  const { at, buffer } = fields;
  for (const column of columns) {
    const { prefix, wireIndex } = column;
    const start = wireIndex < fields.count ? (at[wireIndex * 2] ?? NULL_VALUE) : NULL_VALUE;
    if (start < 0) {
      sink.writeBytes(prefix);
      sink.writeBytes(start === UNCHANGED ? column.unchangedJson : column.nullJson);
      continue;
    }
    const end = at[wireIndex * 2 + 1] ?? start;
    sink.reserve(prefix.length + roomOf(column, buffer, start, end));
    sink.position = copyBytes(prefix, 0, prefix.length, sink.bytes, sink.position);
    renderValue(sink, column, buffer, start, end);
  }
  if (columns.length === 0) sink.writeBytes(EMPTY_OBJECT);
  else {
    sink.reserve(1);
    sink.bytes[sink.position++] = CLOSE;
  }
}

/** Of a wide value no more than it takes: six times its bytes would be had from the system, and given back, each time. */
const WIDE_BYTES = 1 << 20;

function roomOf({ shortcut }: ShapeColumn, buffer: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length <= WIDE_BYTES) return length * 6 + 40;
  return (shortcut.kind === 'string' ? quotedBytes(buffer, start, end) : length) + 40;
}

function renderValue(
  sink: JsonSink,
  column: ShapeColumn,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { bytes, position } = sink;
  const { shortcut } = column;
  let next = -1;
  switch (shortcut.kind) {
    case 'digits':
      next = copyBytes(buffer, start, end, bytes, position);
      break;
    case 'string':
      next = writeQuoted(buffer, start, end, bytes, position);
      break;
    case 'plain':
      bytes[position] = 0x22;
      next = copyBytes(buffer, start, end, bytes, position + 1);
      bytes[next++] = 0x22;
      break;
    case 'boolean':
      next =
        buffer[start] === LETTER_T
          ? copyBytes(TRUE, 0, 4, bytes, position)
          : copyBytes(FALSE, 0, 5, bytes, position);
      break;
    case 'zoned-timestamp':
      next = writeZonedTimestamp(buffer, start, end, shortcut.fractionDigits, bytes, position);
      break;
    case 'decimal':
      next = writeDecimal(buffer, start, end, shortcut.scale, bytes, position);
      break;
    case 'number': {
      const value = shortcut.parse(buffer, start, end);
      if (!Number.isNaN(value)) next = writeInteger(value, bytes, position);
      break;
    }
    case 'value':
      break;
  }
  if (next >= 0) sink.position = next;
  else sink.writeText(valueText(column, buffer.toString('utf8', start, end)));
}

/** The JSON of a value the long way. */
export function valueText(column: ShapeColumn, text: string): string {
  return jsonText(column.schema, column.decode(text) ?? column.nullValue);
}

/** The same row as a value. */
export function decodeRow(
  columns: readonly ShapeColumn[],
  fields: RowFields,
): Readonly<Record<string, unknown>> {
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    setMember(row, column.field, decodeField(column, fields));
  }
  return row;
}

function decodeField(column: ShapeColumn, fields: RowFields): unknown {
  const slot = column.wireIndex * 2;
  const start = column.wireIndex < fields.count ? (fields.at[slot] ?? NULL_VALUE) : NULL_VALUE;
  if (start === UNCHANGED) return column.unchangedValue;
  if (start < 0) return column.nullValue;
  return (
    column.decode(fields.buffer.toString('utf8', start, fields.at[slot + 1] ?? start)) ??
    column.nullValue
  );
}
