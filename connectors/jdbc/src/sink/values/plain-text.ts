import { Decimal, jsonText } from '@millrace/record';
import { isStruct } from '../change.ts';
import { valueNotRepresentable } from '../../errors.ts';
import type { Encoder } from '../write/session.ts';
import type { ColumnType } from '../write/table.ts';

const SEE_SOURCE = 'change the type of the target column, or convert the field by a transform';

export function refuse(value: unknown, type: ColumnType, why = '', hint = SEE_SOURCE): never {
  throw valueNotRepresentable(
    `${kindOfValue(value)} can't be written to type ${type.name}${why === '' ? '' : `: ${why}`}`,
    hint,
  );
}

function kindOfValue(value: unknown): string {
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `the ${typeof value} ${value}`;
  if (value instanceof Uint8Array) return `a value of ${value.length} bytes`;
  if (value instanceof Decimal) return `the decimal ${value.toString()}`;
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** Text that UTF-8 can hold: half a surrogate pair would become another character silently (INV-8). */
export function plainText(value: string, type: ColumnType): string {
  if (/[\ud800-\udfff]/.test(value) && /\p{Surrogate}/u.test(value))
    refuse(value, type, 'it holds half a surrogate pair, which UTF-8 has no form for');
  return value;
}

const PSEUDO_NUMBERS: Readonly<Record<string, string>> = {
  NAN: 'NaN',
  POSITIVE_INFINITY: 'Infinity',
  NEGATIVE_INFINITY: '-Infinity',
};

/** Numeric input text; digits that the column would round away are refused (INV-8). */
export function numericText(text: string, type: ColumnType): string {
  // Told by the first letter: to look each number up by name is dear.
  const isNamed = text.startsWith('N') || text.startsWith('P');
  const special = isNamed ? PSEUDO_NUMBERS[text] : undefined;
  if (special !== undefined) return special;
  if (type.scale === null) return text;
  const point = text.indexOf('.');
  const isPlain = !text.includes('e') && !text.includes('E');
  if (isPlain && type.scale >= 0 && (point < 0 || text.length - point - 1 <= type.scale))
    return text;
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?\s*$/.test(text)) return text; // the server explains
  const fitted = Decimal.parse(text.trim()).withScale(type.scale);
  if (fitted === undefined)
    refuse(text, type, `${text} has more than the ${type.scale} fraction digits of the column`);
  return text;
}

export function decimalText(value: unknown, type: ColumnType): string {
  if (!(value instanceof Decimal)) return refuse(value, type, 'a Decimal is expected');
  const text = value.toString();
  return type.kind !== 'numeric' || value.scale === type.scale ? text : numericText(text, type);
}

const HEX = 'hex';

export function bytesText(value: unknown, type: ColumnType): string {
  if (!(value instanceof Uint8Array)) return refuse(value, type, 'bytes are expected');
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  switch (type.kind) {
    case 'bytes':
      return `\\x${buffer.toString(HEX)}`;
    case 'geometry':
      return buffer.toString(HEX);
    case 'bits':
      return bitsText(value, Number.NaN, type);
    // A source that knows no schema for a type sends its text as bytes (`include.unknown.datatypes`).
    case 'other':
    case 'array':
      return textOfBytes(buffer, type);
    default:
      return refuse(
        value,
        type,
        'bytes fit only binary and bit columns',
        'make the target column bytea, varbinary or blob',
      );
  }
}

function textOfBytes(bytes: Uint8Array, type: ColumnType): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(bytes, type, 'the bytes are no text in UTF-8');
  }
}

/**
 * Debezium's Bits: little-endian bytes without trailing zero bytes. A bit(n) column tells the length; for bit varying
 * the leading zero bits that the source dropped can't be known.
 */
export function bitsText(value: unknown, length: number, type: ColumnType): string {
  if (!(value instanceof Uint8Array)) return refuse(value, type, 'bytes are expected');
  if (type.kind !== 'bits') return bytesText(value, type);
  let text = '';
  for (let index = value.length - 1; index >= 0; index--)
    text += (value[index] ?? 0).toString(2).padStart(8, '0');
  const significant = text.replace(/^0+/, '');
  const width = type.bitLength ?? 0;
  if (type.bitLength !== null && significant.length > width)
    refuse(value, type, `${significant.length} bits are set or stand below a set one`);
  // A fixed length that the schema tells also holds for bit varying, unless it only says 'unbounded'.
  return significant.padStart(width > 0 ? width : Number.isNaN(length) ? 0 : 1, '0');
}

/** The array literal `{…}` with every element quoted. */
export function arrayText(value: unknown, element: Encoder): string {
  if (!Array.isArray(value))
    throw valueNotRepresentable('an array is expected', 'look at the source or its transforms');
  const parts = value.map((item: unknown) => {
    if (item === null || item === undefined) return 'NULL';
    if (Array.isArray(item)) return arrayText(item, element);
    return `"${element(item).replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${parts.join(',')}}`;
}

export function fieldOf(value: unknown, name: string): unknown {
  return isStruct(value) ? value[name] : undefined;
}

/** A value in a JSON column: numbers and times as a reader of the table expects them, not as Connect encodes them. */
export function jsonColumnText(value: unknown): string {
  return jsonText(null, value, { decimals: 'number', dates: 'iso' });
}

/** The hstore literal of a map, a JSON object, or its JSON text. */
export function hstoreText(value: unknown, type: ColumnType): string {
  const pairs =
    value instanceof Map
      ? [...value].map(([key, inner]): [string, unknown] => [String(key), inner])
      : isStruct(value)
        ? Object.entries(value)
        : undefined;
  if (pairs === undefined) return refuse(value, type, 'a map of text is expected');
  const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return pairs
    .map(([key, inner]) => {
      if (inner !== null && typeof inner !== 'string')
        refuse(inner, type, 'the values of an hstore are text');
      return `${quote(key)}=>${inner === null ? 'NULL' : quote(inner)}`;
    })
    .join(', ');
}

/** `{scale, value}`, where value is bytes, or base64 in JSON without schemas. */
export function variableScaleText(value: unknown, type: ColumnType): string {
  const scale = fieldOf(value, 'scale');
  const unscaled = fieldOf(value, 'value');
  const bytes = typeof unscaled === 'string' ? Buffer.from(unscaled, 'base64') : unscaled;
  if (!isStruct(value) || typeof scale !== 'number' || !(bytes instanceof Uint8Array))
    throw valueNotRepresentable(
      'the value is not a VariableScaleDecimal of scale and bytes',
      'the schema and the value of the record disagree; look at the source or its transforms',
    );
  return decimalText(Decimal.fromBytes(bytes, scale), type);
}
