import { setMember, type JsonSink } from '@millrace/cdc';
import { jsonText } from '@millrace/record';
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
    sink.reserve(prefix.length + (end - start) * 6 + 64);
    const { bytes } = sink;
    let position = sink.position;
    const { length } = prefix;
    if (length > BY_HAND_MAX) {
      bytes.set(prefix, position);
      position += length;
    } else for (let index = 0; index < length; index++) bytes[position++] = prefix[index] ?? 0;
    const { reader } = column;
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
