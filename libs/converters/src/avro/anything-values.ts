import { kindOf } from '@millrace/record';
import { badBytes, badValue } from '../errors.ts';
import type { BinaryInput } from '../binary/binary-input.ts';
import type { BinaryOutput } from '../binary/binary-output.ts';

/** INV-6: lists within lists; a value that holds itself ends here. */
const DEPTH_MAX = 500;
/** The fields of the record, in their order; each is a union with null first. */
const FIELD_COUNT = 9;
const [BOOLEAN, BYTES, DOUBLE, , INT, LONG, TEXT, ARRAY, MAP] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** A value without a schema; whole numbers are longs, as everywhere where no schema says otherwise. */
export function writeAnything(value: unknown, out: BinaryOutput): void {
  if (++out.depth > DEPTH_MAX) throw badValue(`values nested deeper than ${DEPTH_MAX}`);
  const field = value === null || value === undefined ? -1 : fieldOf(value);
  for (let index = 0; index < FIELD_COUNT; index++) {
    out.byte(index === field ? 2 : 0);
    if (index === field) writeField(field, value, out);
  }
  out.depth--;
}

function fieldOf(value: unknown): number {
  switch (typeof value) {
    case 'boolean':
      return BOOLEAN;
    case 'string':
      return TEXT;
    case 'bigint':
      return LONG;
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? LONG : DOUBLE;
    default:
      if (value instanceof Uint8Array) return BYTES;
      if (Array.isArray(value)) return ARRAY;
      if (value instanceof Map || isPlain(value)) return MAP;
      throw badValue(`Unknown Java type for schemaless data: ${kindOf(value)}`);
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function writeField(field: number, value: unknown, out: BinaryOutput): void {
  if (typeof value === 'boolean') out.byte(value ? 1 : 0);
  else if (typeof value === 'string') out.text(value);
  else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw badValue('an integer is beyond 64 bits');
    out.long(value);
  } else if (typeof value === 'number') {
    if (field === DOUBLE) out.double(value);
    else out.long(value);
  } else if (value instanceof Uint8Array) out.bytes(value);
  else if (Array.isArray(value)) {
    if (value.length > 0) out.long(value.length);
    for (const item of value) writeAnything(item, out);
    out.byte(0);
  } else if (typeof value === 'object' && value !== null) {
    const entries: [unknown, unknown][] =
      value instanceof Map ? [...value.entries()] : Object.entries(value);
    if (entries.length > 0) out.long(entries.length);
    for (const [key, item] of entries) {
      writeAnything(key, out);
      writeAnything(item, out);
    }
    out.byte(0);
  }
}

/** The value of the field that is set; the last one, should there be several. */
export function readAnything(input: BinaryInput): unknown {
  if (++input.depth > DEPTH_MAX) throw badBytes(`values nested deeper than ${DEPTH_MAX}`);
  let value: unknown = null;
  for (let index = 0; index < FIELD_COUNT; index++) {
    const branch = input.byte();
    if (branch === 2) value = readField(index, input);
    else if (branch !== 0) throw badBytes('a union of an Avro record has no such branch');
  }
  input.depth--;
  return value;
}

function readField(index: number, input: BinaryInput): unknown {
  switch (index) {
    case BOOLEAN:
      return input.byte() !== 0;
    case BYTES:
      return input.bytes();
    case DOUBLE:
      return input.double();
    case INT:
      return input.int();
    case LONG:
      return input.long();
    case TEXT:
      return input.text();
    case ARRAY: {
      const values: unknown[] = [];
      readBlocks(input, () => values.push(readAnything(input)));
      return values;
    }
    case MAP: {
      const entries = new Map<unknown, unknown>();
      readBlocks(input, () => entries.set(readAnything(input), readAnything(input)));
      // A map with keys of text is an object where there is no schema.
      return [...entries.keys()].every((key) => typeof key === 'string')
        ? Object.fromEntries(entries)
        : entries;
    }
    default:
      return input.float();
  }
}

/** Items of no bytes could be announced without end; their number is bounded (INV-6). */
const EMPTY_ITEMS_MAX = 1_000_000;

/** The blocks of an array or a map; `readItem` is called once an item. */
export function readBlocks(input: BinaryInput, readItem: () => void): void {
  let total = 0;
  for (;;) {
    let count = input.long();
    if (count === 0) return;
    if (typeof count === 'number' && count < 0) {
      count = -count;
      input.long(); // The size of the block, for who wants to skip it.
    }
    if (typeof count === 'bigint' || (count > input.left && total + count > EMPTY_ITEMS_MAX))
      throw badBytes('an Avro array announces more items than there are bytes');
    total += count;
    for (let index = 0; index < count; index++) readItem();
  }
}
