import { copyBytes, setMember, writeWords, type JsonSink } from '@millrace/cdc';
import { jsonText } from '@millrace/record';
import type { ValueReader } from './codec.ts';
import { NULL_VALUE, type RowColumn, type RowFields } from './row.ts';

const EMPTY_OBJECT = Buffer.from('{}');
const CLOSE = 0x7d;
/** Up to this length a loop is faster than a native copy. */
const BY_HAND_MAX = 48;

/** A row as a JSON object, straight from the bytes that the server sent: no value is made on the common ways. */
export function renderRow(sink: JsonSink, columns: readonly RowColumn[], fields: RowFields): void {
  if (columns.length === 0) {
    sink.writeBytes(EMPTY_OBJECT);
    return;
  }
  const { at, buffer, count } = fields;
  for (const column of columns) {
    const { prefix, wireIndex } = column;
    const start = wireIndex < count ? (at[wireIndex * 2] ?? NULL_VALUE) : NULL_VALUE;
    if (start < 0) {
      sink.writeBytes(prefix);
      sink.writeBytes(start === NULL_VALUE ? column.nullJson : column.absentJson);
      continue;
    }
    const end = at[wireIndex * 2 + 1] ?? start;
    const { reader } = column;
    sink.reserve(prefix.length + roomOfValue(reader, buffer, start, end) + COLUMN_ROOM);
    const { bytes } = sink;
    let position = sink.position;
    const { length } = prefix;
    if (length > BY_HAND_MAX) {
      bytes.set(prefix, position);
      position += length;
    } else for (let index = 0; index < length; index++) bytes[position++] = prefix[index] ?? 0;
    const next = reader.json === null ? -1 : reader.json(buffer, start, end, bytes, position);
    if (next >= 0) sink.position = next;
    else {
      sink.position = position;
      const value = reader.read(buffer, start, end);
      if (value === null) sink.writeBytes(column.nullJson);
      else sink.writeText(jsonText(column.schema, value));
    }
  }
  sink.reserve(1);
  sink.bytes[sink.position++] = CLOSE;
}

/** Of a wide value no more than it takes: six times its bytes would be had from the system, and given back, each time. */
const WIDE_BYTES = 1 << 20;

function roomOfValue(reader: ValueReader, buffer: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length <= WIDE_BYTES) return length * 6;
  if (reader.json === null) return 0;
  return reader.room?.(buffer, start, end) ?? length * 6;
}

/** What a column may need beside six times the bytes of its value, which is what a `JsonWriter` asks for. */
const COLUMN_ROOM = 64;

/** What the JSON of a row takes at most, beside six times its bytes. */
export function roomOf(columns: readonly RowColumn[]): number {
  return columns.reduce(
    (sum, { absentJson, nullJson, prefix }) =>
      sum + prefix.length + Math.max(COLUMN_ROOM, nullJson.length, absentJson.length),
    2,
  );
}

/**
 * `renderRow` where all the room is there: `roomOf` these columns and six times the bytes of their values. Returns the
 * position behind the row, or −1 where a value has no short way into that room.
 */
export function renderRowAt(
  columns: readonly RowColumn[],
  { at, buffer, count }: RowFields,
  to: Buffer,
  start: number,
): number {
  if (columns.length === 0) return copyBytes(EMPTY_OBJECT, 0, 2, to, start);
  let position = start;
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index];
    if (column === undefined) return -1;
    const { prefix, prefixWords, wireIndex } = column;
    position = writeWords(prefixWords, prefix.length, to, position);
    const first = wireIndex < count ? (at[wireIndex * 2] ?? NULL_VALUE) : NULL_VALUE;
    if (first < 0) {
      const json = first === NULL_VALUE ? column.nullJson : column.absentJson;
      for (let part = 0; part < json.length; part++) to[position++] = json[part] ?? 0;
      continue;
    }
    const end = at[wireIndex * 2 + 1] ?? first;
    const { json } = column.reader;
    let next = json === null ? -1 : json(buffer, first, end, to, position);
    if (next < 0) next = writeValue(column, buffer, first, end, to, position);
    if (next < 0) return -1;
    position = next;
  }
  to[position++] = CLOSE;
  return position;
}

/** −1: its JSON is longer than the room of a column. */
function writeValue(
  { nullJson, reader, schema }: RowColumn,
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  const value = reader.read(from, start, end);
  if (value === null) return copyBytes(nullJson, 0, nullJson.length, to, position);
  const text = jsonText(schema, value);
  if (text.length * 3 > (end - start) * 6 + COLUMN_ROOM) return -1;
  return position + to.write(text, position, 'utf8');
}

/** The same row as a value. */
export function decodeRow(
  columns: readonly RowColumn[],
  fields: RowFields,
): Readonly<Record<string, unknown>> {
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    setMember(row, column.field, decodeField(column, fields));
  }
  return row;
}

function decodeField(column: RowColumn, { at, buffer, count }: RowFields): unknown {
  const slot = column.wireIndex * 2;
  const start = column.wireIndex < count ? (at[slot] ?? NULL_VALUE) : NULL_VALUE;
  if (start < 0) return start === NULL_VALUE ? column.nullValue : column.absentValue;
  return column.reader.read(buffer, start, at[slot + 1] ?? start) ?? column.nullValue;
}
