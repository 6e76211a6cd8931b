import { decimalText } from '../decimal-bytes.ts';
import { mysqlDoubleText } from './double-text.ts';

/** A JSON value with its texts ready: scalars as they are printed, names of members quoted. */
export type JsonNode =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] };

export interface JsonMember {
  readonly name: string;
  readonly value: JsonNode;
}

/** In place of a type: what follows is text. Ours, for values that were put together here. */
export const JSON_AS_TEXT = 0xff;

/** MySQL's own limit is 100. */
const DEPTH_MAX = 110;

const TYPE = {
  smallObject: 0,
  largeObject: 1,
  smallArray: 2,
  largeArray: 3,
  literal: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  double: 11,
  string: 12,
  opaque: 15,
} as const;

const LITERALS = ['null', 'true', 'false'] as const;

/** A column's value, as the server prints it: `{"a": 1, "b": [true, null]}`. @throws RangeError when it is not whole */
export function jsonDocumentText(bytes: Buffer, start: number, end: number): string {
  if (bytes[start] === JSON_AS_TEXT && end > start) return bytes.toString('utf8', start + 1, end);
  return printJson(jsonDocument(bytes, start, end));
}

export function jsonDocument(bytes: Buffer, start: number, end: number): JsonNode {
  if (end <= start) return scalar('null'); // what INSERT IGNORE makes of NULL
  if (bytes[start] === JSON_AS_TEXT) throw new RangeError('a JSON value that is no document');
  // A value takes three bytes of its parent at least: more of them are a circle.
  return new DocumentReader(bytes, end, end - start).value(bytes[start] ?? 0, start + 1, 0);
}

class DocumentReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #valuesLeft: number;

  constructor(bytes: Buffer, end: number, valuesMax: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#valuesLeft = valuesMax;
  }

  value(type: number, at: number, depth: number): JsonNode {
    if (this.#valuesLeft-- <= 0 || depth > DEPTH_MAX)
      throw new RangeError('a JSON value contains itself');
    const bytes = this.#bytes;
    switch (type) {
      case TYPE.smallObject:
      case TYPE.largeObject:
      case TYPE.smallArray:
      case TYPE.largeArray:
        return this.#container(type, at, depth);
      case TYPE.literal:
        return scalar(LITERALS[bytes[this.#need(at, 1)] ?? 0] ?? 'null');
      case TYPE.int16:
        return scalar(String(bytes.readInt16LE(this.#need(at, 2))));
      case TYPE.uint16:
        return scalar(String(bytes.readUInt16LE(this.#need(at, 2))));
      case TYPE.int32:
        return scalar(String(bytes.readInt32LE(this.#need(at, 4))));
      case TYPE.uint32:
        return scalar(String(bytes.readUInt32LE(this.#need(at, 4))));
      case TYPE.int64:
        return scalar(String(bytes.readBigInt64LE(this.#need(at, 8))));
      case TYPE.uint64:
        return scalar(String(bytes.readBigUInt64LE(this.#need(at, 8))));
      case TYPE.double:
        return scalar(mysqlDoubleText(bytes.readDoubleLE(this.#need(at, 8))));
      case TYPE.string: {
        const { length, first } = this.#length(at);
        this.#need(first, length);
        return scalar(jsonQuoted(bytes.toString('utf8', first, first + length)));
      }
      case TYPE.opaque: {
        const { length, first } = this.#length(this.#need(at, 1) + 1);
        this.#need(first, length);
        return scalar(opaqueText(bytes[at] ?? 0, bytes, first, first + length));
      }
      default:
        throw new RangeError(`JSON type ${type} is unknown`);
    }
  }

  /** Count and size, then of an object where its names stand, then type and place of each value. */
  #container(type: number, start: number, depth: number): JsonNode {
    const isObject = type === TYPE.smallObject || type === TYPE.largeObject;
    const isLarge = type === TYPE.largeObject || type === TYPE.largeArray;
    const width = isLarge ? 4 : 2;
    const count = this.#uint(start, width);
    this.#uint(start + width, width);
    const names = start + 2 * width;
    const values = isObject ? names + count * (width + 2) : names;
    this.#need(values, count * (width + 1));
    const valueAt = (index: number): JsonNode => {
      const entry = values + index * (width + 1);
      const kind = this.#bytes[entry] ?? 0;
      return isInlined(kind, isLarge)
        ? this.value(kind, entry + 1, depth + 1)
        : this.value(kind, start + this.#uint(entry + 1, width), depth + 1);
    };
    if (!isObject) {
      const items: JsonNode[] = [];
      for (let index = 0; index < count; index++) items.push(valueAt(index));
      return { kind: 'array', items };
    }
    const members: JsonMember[] = [];
    for (let index = 0; index < count; index++) {
      const entry = names + index * (width + 2);
      const at = start + this.#uint(entry, width);
      const length = this.#uint(entry + width, 2);
      this.#need(at, length);
      members.push({ name: this.#bytes.toString('utf8', at, at + length), value: valueAt(index) });
    }
    return { kind: 'object', members };
  }

  #uint(at: number, width: number): number {
    return this.#bytes.readUIntLE(this.#need(at, width), width);
  }

  /** Seven bits a byte, the lowest first; the highest bit tells that more follow. */
  #length(at: number): { readonly length: number; readonly first: number } {
    let length = 0;
    for (let index = 0; index < 5; index++) {
      const byte = this.#bytes[this.#need(at + index, 1)] ?? 0;
      length += (byte & 0x7f) * 2 ** (7 * index);
      if ((byte & 0x80) === 0) return { length, first: at + index + 1 };
    }
    throw new RangeError('a JSON length without end');
  }

  #need(at: number, count: number): number {
    if (at + count > this.#end) throw new RangeError('a JSON value is not whole');
    return at;
  }
}

/** Short scalars stand where the place of others would. */
function isInlined(type: number, isLarge: boolean): boolean {
  switch (type) {
    case TYPE.literal:
    case TYPE.int16:
    case TYPE.uint16:
      return true;
    case TYPE.int32:
    case TYPE.uint32:
      return isLarge;
    default:
      return false;
  }
}

function scalar(text: string): JsonNode {
  return { kind: 'scalar', text };
}

const COLUMN = { timestamp: 7, date: 10, time: 11, datetime: 12, decimal: 246 } as const;

/** Values of SQL types within JSON. */
function opaqueText(type: number, bytes: Buffer, start: number, end: number): string {
  switch (type) {
    case COLUMN.decimal: {
      const precision = bytes[start] ?? 0;
      const scale = bytes[start + 1] ?? 0;
      return decimalText(bytes, start + 2, end, precision, scale);
    }
    case COLUMN.date:
    case COLUMN.datetime:
    case COLUMN.timestamp:
    case COLUMN.time:
      if (end - start !== 8) throw new RangeError('a time within JSON is not whole');
      return `"${packedTimeText(type, bytes.readBigInt64LE(start))}"`;
    default:
      return jsonQuoted(`base64:type${type}:${base64Lines(bytes, start, end)}`);
  }
}

/** Microseconds in the low 24 bits, above them second, minute, hour; of dates day, month and year × 13. */
function packedTimeText(type: number, packed: bigint): string {
  const isNegative = packed < 0n;
  const absolute = isNegative ? -packed : packed;
  const micros = Number(absolute & 0xff_ffffn);
  const rest = Number(absolute >> 24n);
  const clock = (hour: number): string =>
    `${two(hour)}:${two((rest >> 6) & 63)}:${two(rest & 63)}.${String(micros).padStart(6, '0')}`;
  if (type === COLUMN.time) return `${isNegative ? '-' : ''}${clock((rest >> 12) & 1023)}`;
  const date = Math.floor(rest / 2 ** 17);
  const yearMonth = Math.floor(date / 32);
  const year = String(Math.floor(yearMonth / 13)).padStart(4, '0');
  const day = `${year}-${two(yearMonth % 13)}-${two(date % 32)}`;
  return type === COLUMN.date ? day : `${day} ${clock((rest >> 12) & 31)}`;
}

/** The server breaks lines after 76 characters. */
function base64Lines(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('base64', start, end).replaceAll(/.{76}(?=.)/g, '$&\n');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** As the server quotes: control characters as `\u00xx`, nothing else beyond what JSON demands. */
export function jsonQuoted(text: string): string {
  return JSON.stringify(text);
}

/** As the server prints JSON: a space behind each colon and comma. */
export function printJson(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.text;
    case 'array':
      return `[${node.items.map(printJson).join(', ')}]`;
    case 'object':
      return `{${node.members.map(({ name, value }) => `${jsonQuoted(name)}: ${printJson(value)}`).join(', ')}}`;
  }
}
