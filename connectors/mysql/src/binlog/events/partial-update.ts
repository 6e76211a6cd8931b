import {
  jsonDocument,
  JSON_AS_TEXT,
  printJson,
  type JsonNode,
} from '../../types/json/binary-json.ts';
import { applyDiff } from '../../types/json/json-diff.ts';
import { emptyFields, ABSENT } from '../../types/row.ts';
import { ByteReader } from './byte-reader.ts';
import type { RowsEvent } from './event.ts';
import { readRow, skipRow } from './row-cursor.ts';
import { WIRE } from './wire-types.ts';

const HAS_PARTIAL_JSON = 1;

/**
 * `binlog_row_value_options=PARTIAL_JSON`: new rows hold changes in place of some JSON values. Gives the event with whole
 * values instead, so that nobody behind has to know. @throws RangeError when it is not whole or the old value is missing
 */
export function applyPartialUpdates(event: RowsEvent): RowsEvent {
  const { buffer, end, table } = event;
  const jsonColumns = table.columns.flatMap(({ type }, index) =>
    type === WIRE.json ? [index] : [],
  );
  const parts: Buffer[] = [];
  let at = event.start;
  while (at < end) {
    const afterAt = skipRow(event, at, false);
    parts.push(buffer.subarray(at, afterAt));
    const reader = new ByteReader(buffer, afterAt, end);
    const options = reader.packed();
    const partial = new Set<number>();
    if ((options & HAS_PARTIAL_JSON) !== 0) {
      const bits = reader.bytes((jsonColumns.length + 7) >> 3);
      jsonColumns.forEach((column, index) => {
        if (((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0) partial.add(column);
      });
    }
    const next = skipRow(event, reader.at, true);
    parts.push(
      partial.size === 0
        ? buffer.subarray(reader.at, next)
        : wholeRow(event, at, reader.at, next, partial),
    );
    if (next === at) throw new RangeError('a row without content');
    at = next;
  }
  const whole = Buffer.concat(parts);
  return { ...event, buffer: whole, start: 0, end: whole.length };
}

function wholeRow(
  event: RowsEvent,
  beforeAt: number,
  afterAt: number,
  afterEnd: number,
  partial: ReadonlySet<number>,
): Buffer {
  const { buffer } = event;
  const before = readRow(event, beforeAt, false, emptyFields());
  const after = readRow(event, afterAt, true, emptyFields());
  const parts: Buffer[] = [];
  let copied = afterAt;
  for (const column of [...partial].sort((left, right) => left - right)) {
    const start = after.at[column * 2] ?? ABSENT;
    const stop = after.at[column * 2 + 1] ?? 0;
    if (start < 0) continue;
    const oldStart = before.at[column * 2] ?? ABSENT;
    if (oldStart < 0) throw new RangeError('the old JSON value of a partial update is missing');
    const width = event.table.columns[column]?.width ?? 4;
    let document = jsonDocument(buffer, oldStart, before.at[column * 2 + 1] ?? oldStart);
    document = applyDiffs(document, buffer, start, stop);
    const text = Buffer.from(printJson(document));
    const value = Buffer.alloc(width + 1 + text.length);
    value.writeUIntLE(text.length + 1, 0, width);
    value[width] = JSON_AS_TEXT;
    text.copy(value, width + 1);
    parts.push(buffer.subarray(copied, start - width), value);
    copied = stop;
  }
  parts.push(buffer.subarray(copied, afterEnd));
  return Buffer.concat(parts);
}

const OPERATIONS = ['replace', 'insert', 'remove'] as const;

function applyDiffs(document: JsonNode, buffer: Buffer, start: number, end: number): JsonNode {
  const reader = new ByteReader(buffer, start, end);
  let changed = document;
  while (reader.left > 0) {
    const operation = OPERATIONS[reader.uint8()];
    if (operation === undefined) throw new RangeError('an unknown change of a JSON value');
    const path = reader.text(reader.packed());
    let value: JsonNode | undefined;
    if (operation !== 'remove') {
      const length = reader.packed();
      const at = reader.at;
      reader.skip(length);
      value = jsonDocument(buffer, at, at + length);
    }
    changed = applyDiff(changed, operation, path, value);
  }
  return changed;
}
