import {
  copyBytes,
  copyClean,
  copyPlain,
  plainLength,
  wordsOf,
  writeEscape,
  writeInteger,
  writeWords,
} from '@millrace/cdc';
import { valueText } from '../json-row.ts';
import { writeDecimal, writeZonedTimestamp } from '../json-text.ts';
import type { ShapeColumn, TableShape } from '../table-shape.ts';

/** How the rows of a table are rendered in one pass: what `renderCopyRow` needs of each column, in the order of the wire. */
export interface CopyPlan {
  readonly columns: readonly PlannedColumn[];
  readonly key: readonly PlannedKey[];
  /** What a row takes at most beside its own bytes, each of which may take up to `BYTES_OF_BYTE_MAX`. */
  readonly constantBytes: number;
  /** What all rows have beside their values, key included. */
  readonly ownBytes: number;
}

interface PlannedColumn {
  readonly column: ShapeColumn;
  /** Values of the wire before this one that nobody captures. */
  readonly skipped: number;
  readonly prefixWords: Int32Array;
  readonly prefixBytes: number;
  readonly nullJson: Buffer;
  /** Where its place in the output is noted; -1: it is not in the key. */
  readonly keySlot: number;
}

interface PlannedKey {
  readonly prefix: Buffer;
  readonly slot: number;
}

/** A byte as `\u00xx`, in the value and once more in the key. */
export const BYTES_OF_BYTE_MAX = 12;
/** A value that isn't as long as its text: a number, a time, a decimal. */
const VALUE_BYTES_MAX = 64;
const BEFORE = '{"before":null,"after":';

/** Undefined for a shape that has no such way: without columns, or in another order than that of the wire. */
export function planCopy(shape: TableShape): CopyPlan | undefined {
  const { columns, keyColumns } = shape;
  if (columns.length === 0) return undefined;
  let wireIndex = 0;
  let constantBytes = BEFORE.length + 2;
  const planned: PlannedColumn[] = [];
  for (const [index, column] of columns.entries()) {
    if (column.wireIndex < wireIndex) return undefined;
    const prefix =
      index === 0 ? Buffer.concat([Buffer.from(BEFORE), column.prefix]) : column.prefix;
    const keyIndex = keyColumns.findIndex((key) => key.wireIndex === column.wireIndex);
    planned.push({
      column,
      skipped: column.wireIndex - wireIndex,
      prefixWords: wordsOf(prefix),
      prefixBytes: prefix.length,
      nullJson: column.nullJson,
      keySlot: keyIndex < 0 ? -1 : keyIndex * 2,
    });
    constantBytes += 2 * (prefix.length + column.nullJson.length + VALUE_BYTES_MAX);
    wireIndex = column.wireIndex + 1;
  }
  const key = keyColumns.map(({ prefix }, index) => ({ prefix, slot: index * 2 }));
  const hasWholeKey = keyColumns.every((each) =>
    columns.some(({ wireIndex: at }) => at === each.wireIndex),
  );
  if (!hasWholeKey) return undefined;
  let ownBytes = 2;
  for (const { prefixBytes } of planned) ownBytes += prefixBytes;
  for (const { prefix } of key) ownBytes += prefix.length;
  return { columns: planned, key, constantBytes, ownBytes };
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;
const LETTER_T = 0x74;
const LETTER_V = 0x76;
const VERTICAL_TAB = 0x0b;
const TRUE = wordsOf(Buffer.from('true'));
const FALSE = wordsOf(Buffer.from('false'));
const CLOSE = 0x7d;

/** COPY's letters after a backslash that JSON has too. */
const SHARED_ESCAPES = new Uint8Array(256);
for (const byte of Buffer.from('\\bfnrt')) SHARED_ESCAPES[byte] = byte;

/** Of key columns: where the value starts and ends in the output. Written anew for each row. */
const keyPlaces = new Int32Array(64);
export const KEY_COLUMNS_MAX = keyPlaces.length / 2;

/**
 * A row of COPY's text format as the JSON of its envelope up to the last value, without the brace after it. Returns the
 * position behind it; -1 when the row needs the long way, and nothing of use is written. What it needs is reserved.
 * @throws MillraceError when a value can't be represented (INV-8)
 */
export function renderCopyRow(
  plan: CopyPlan,
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  if (from[end - 1] !== NEWLINE) return -1;
  const { columns } = plan;
  let cursor = start;
  let out = position;
  for (let index = 0; index < columns.length; index++) {
    const planned = columns[index];
    if (planned === undefined) return -1;
    const { keySlot, prefixBytes, prefixWords } = planned;
    for (let skip = planned.skipped; skip > 0; skip--) cursor = endOfField(from, cursor) + 1;
    out = writeWords(prefixWords, prefixBytes, to, out);
    const valueStart = out;
    if (cursor >= end || (from[cursor] === BACKSLASH && from[cursor + 1] === LETTER_N)) {
      // Past the end there are columns that came later; either is null.
      out = copyBytes(planned.nullJson, 0, planned.nullJson.length, to, out);
      if (cursor < end) cursor += 2;
    } else {
      const { shortcut } = planned.column;
      switch (shortcut.kind) {
        case 'digits':
          for (let byte = from[cursor] ?? 0; byte > SPACE; byte = from[++cursor] ?? 0)
            to[out++] = byte;
          break;
        case 'plain':
          to[out++] = QUOTE;
          {
            const count = copyPlain(from, cursor, end, to, out);
            cursor += count;
            out += count;
          }
          to[out++] = QUOTE;
          break;
        case 'string': {
          to[out++] = QUOTE;
          for (;;) {
            const clean = copyClean(from, cursor, end, to, out);
            cursor += clean;
            out += clean;
            const byte = from[cursor] ?? 0;
            if (byte === TAB || byte === NEWLINE) break;
            cursor++;
            if (byte === QUOTE) {
              to[out] = BACKSLASH;
              to[out + 1] = QUOTE;
              out += 2;
            } else if (byte !== BACKSLASH) out = writeEscape(byte, to, out);
            else {
              const letter = from[cursor++] ?? 0;
              const escape = SHARED_ESCAPES[letter] ?? 0;
              if (escape !== 0) {
                to[out++] = BACKSLASH;
                to[out++] = escape;
              } else if (letter === LETTER_V) out = writeEscape(VERTICAL_TAB, to, out);
              else return -1;
            }
          }
          to[out++] = QUOTE;
          break;
        }
        case 'boolean':
          if (from[cursor++] === LETTER_T) out = writeWords(TRUE, 4, to, out);
          else out = writeWords(FALSE, 5, to, out);
          break;
        default: {
          const fieldStart = cursor;
          cursor += plainLength(from, cursor, end);
          out = renderOther(planned.column, from, fieldStart, cursor, to, out);
          if (out < 0) return -1;
        }
      }
    }
    if (keySlot >= 0) {
      keyPlaces[keySlot] = valueStart;
      keyPlaces[keySlot + 1] = out;
    }
    const separator = from[cursor++];
    if (separator !== TAB && separator !== NEWLINE && cursor <= end) return -1;
  }
  return out;
}

/** The key of the row that was rendered last, from the values in it. */
export function renderKeyOfLast(plan: CopyPlan, bytes: Buffer, position: number): number {
  let out = position;
  for (const { prefix, slot } of plan.key) {
    out = copyBytes(prefix, 0, prefix.length, bytes, out);
    out = copyBytes(bytes, keyPlaces[slot] ?? 0, keyPlaces[slot + 1] ?? 0, bytes, out);
  }
  bytes[out++] = CLOSE;
  return out;
}

function endOfField(from: Buffer, start: number): number {
  let cursor = start;
  for (let byte = from[cursor]; byte !== TAB && byte !== NEWLINE; byte = from[++cursor])
    if (byte === undefined) break;
  return cursor;
}

/** Values whose JSON isn't their text; -1 when there is no room for it. */
function renderOther(
  column: ShapeColumn,
  from: Buffer,
  start: number,
  end: number,
  to: Buffer,
  position: number,
): number {
  const { shortcut } = column;
  let next = -1;
  switch (shortcut.kind) {
    case 'zoned-timestamp':
      next = writeZonedTimestamp(from, start, end, shortcut.fractionDigits, to, position);
      break;
    case 'decimal':
      next = writeDecimal(from, start, end, shortcut.scale, to, position);
      break;
    case 'number': {
      const value = shortcut.parse(from, start, end);
      if (!Number.isNaN(value)) next = writeInteger(value, to, position);
      break;
    }
    default:
      break; // the value, and its JSON
  }
  if (next >= 0) return next;
  for (let index = start; index < end; index++) if (from[index] === BACKSLASH) return -1;
  const text = valueText(column, from.toString('utf8', start, end));
  return position + text.length * 3 > to.length ? -1 : position + to.write(text, position);
}
