import { Decimal, NumberText, parseJson } from '@millrace/record';
import { isStruct } from '../change.ts';
import type { SourceHints } from '../settings.ts';
import type { Encoder } from '../write/session.ts';
import type { ColumnType } from '../write/table.ts';
import {
  arrayText,
  bitsText,
  bytesText,
  decimalText,
  fieldOf,
  hstoreText,
  jsonColumnText,
  numericText,
  plainText,
  refuse,
  variableScaleText,
} from './plain-text.ts';
import { dayText, epochText, isoText, timeOfDayText } from './time-text.ts';

/** Days from 0001-01-01 to 9999-12-31. What lies outside is rather another unit than another age. */
const DAYS_MIN = -719_162;
const DAYS_MAX = 2_932_896;

const TELL =
  'enable schemas (value.converter.schemas.enable=true at source and sink), or tell how the source writes it by ';

/**
 * Values without a semantic name, above all JSON without schemas: the column says what is wanted, and only what can
 * mean one thing alone is converted (INV-8). Everything else needs a schema or one of the `millrace.source.*` keys.
 */
export function looseEncoder(type: ColumnType, hints: SourceHints, isEnvelope: boolean): Encoder {
  return (value) => {
    switch (typeof value) {
      case 'string':
        return fromText(value, type, hints, isEnvelope);
      case 'number':
      case 'bigint':
        return fromNumber(value, type, hints);
      case 'boolean':
        return fromBoolean(value, type);
      default:
        return fromObject(value, type, hints, isEnvelope);
    }
  };
}

function fromText(text: string, type: ColumnType, hints: SourceHints, isEnvelope: boolean): string {
  switch (type.kind) {
    case 'numeric':
      return numberFromText(text, type, hints, isEnvelope);
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return isoText(text, type);
    case 'bytes':
      return bytesFromText(text, type, hints);
    case 'bits':
      return bitsFromText(text, type);
    case 'hstore':
      return text.startsWith('{') ? hstoreText(parsedJson(text, type), type) : text;
    case 'array':
      // A JSON array, which other databases have for want of arrays; not `[2:3]={…}`, a literal with bounds.
      return type.element !== null && text.startsWith('[') && !/^(?:\[-?\d+:-?\d+\])+=/.test(text)
        ? arrayFromJson(text, type.element, type, hints)
        : plainText(text, type);
    default:
      return plainText(text, type);
  }
}

/** Base64 of a decimal may consist of digits alone: in a change event that is a question, not a number. */
function numberFromText(
  text: string,
  type: ColumnType,
  hints: SourceHints,
  isEnvelope: boolean,
): string {
  const mode = hints.decimalHandlingMode;
  if (mode === 'precise') {
    const { scale } = type;
    return scale !== null && isBase64(text)
      ? decimalText(Decimal.fromBytes(Buffer.from(text, 'base64'), scale), type)
      : refuse(text, type, 'base64 of a decimal and a column with a scale are expected');
  }
  if (mode === null && isEnvelope && text.length % 4 === 0 && /^[\d+]+$/.test(text))
    refuse(
      text,
      type,
      'it may be a number or the base64 of one',
      `${TELL}millrace.source.decimal.handling.mode=string or precise`,
    );
  if (
    mode === null &&
    isBase64(text) &&
    !/^[\d.+-]+$/.test(text) &&
    !/^[+-]?(nan|inf|infinity|\d+e\d+)$/i.test(text)
  )
    refuse(
      text,
      type,
      'it is not a number, but may be the base64 of one',
      `${TELL}millrace.source.decimal.handling.mode=precise (or decimal.handling.mode=string at the source)`,
    );
  return numericText(text, type);
}

function bytesFromText(text: string, type: ColumnType, hints: SourceHints): string {
  const isHex = text.length % 2 === 0 && /^[\da-f]*$/i.test(text);
  switch (hints.binaryHandlingMode) {
    case 'hex':
      return isHex ? `\\x${text}` : refuse(text, type, 'hexadecimal digits are expected');
    case 'base64-url-safe':
      if (!/^[\w-]*={0,2}$/.test(text)) refuse(text, type, 'URL-safe base64 is expected');
      return bytesText(Buffer.from(text, 'base64url'), type);
    default:
      break;
  }
  if (text.startsWith('\\x')) return text;
  if (!isBase64(text))
    refuse(text, type, 'base64 is expected', `${TELL}millrace.source.binary.handling.mode`);
  if (isHex && text !== '' && hints.binaryHandlingMode === null)
    refuse(
      text,
      type,
      'it may be base64 or hexadecimal',
      `${TELL}millrace.source.binary.handling.mode=bytes or hex`,
    );
  return bytesText(Buffer.from(text, 'base64'), type);
}

function bitsFromText(text: string, type: ColumnType): string {
  const isBits = /^[01]*$/.test(text);
  if (isBits && (text.length % 4 !== 0 || text === '')) return text;
  if (isBits) refuse(text, type, 'it may be bits or base64', `${TELL}a schema`);
  if (!isBase64(text)) refuse(text, type, 'bits or base64 are expected');
  return bitsText(Buffer.from(text, 'base64'), Number.NaN, type);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text);
}

/** With all digits of its numbers. */
function arrayFromJson(
  text: string,
  elementType: ColumnType,
  type: ColumnType,
  hints: SourceHints,
): string {
  const element = looseEncoder(elementType, hints, false);
  let parsed: unknown;
  try {
    parsed = parseJson(text, true);
  } catch {
    return refuse(text, type, 'it is neither an array literal nor JSON');
  }
  return arrayText(parsed, (item) => (item instanceof NumberText ? item.text : element(item)));
}

function parsedJson(text: string, type: ColumnType): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(text, type, 'it is not JSON');
  }
}

function fromNumber(value: number | bigint, type: ColumnType, hints: SourceHints): string {
  switch (type.kind) {
    case 'numeric':
      return numericText(String(value), type);
    case 'float':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'date':
      if (typeof value === 'bigint' || value < DAYS_MIN || value > DAYS_MAX)
        refuse(value, type, 'it is not a day of the years 1 to 9999', `${TELL}a schema`);
      return dayText(value, type);
    case 'time':
    case 'timestamp':
      return timeFromNumber(value, type, hints);
    case 'timestamptz':
    case 'timetz':
    case 'interval':
      return refuse(value, type, 'the unit of the number is not known', `${TELL}a schema`);
    case 'boolean':
      return value === 0 || value === 1 ? String(value) : refuse(value, type);
    case 'bytes':
    case 'array':
    case 'point':
    case 'hstore':
    case 'geometry':
      return refuse(value, type);
    default:
      return String(value);
  }
}

/** The unit goes by what the user says of the source; "adaptive" by the precision that both columns have. */
function timeFromNumber(value: number | bigint, type: ColumnType, hints: SourceHints): string {
  const toText = type.kind === 'time' ? timeOfDayText : epochText;
  const isMillis = type.scale !== null && type.scale <= 3;
  switch (hints.timePrecisionMode) {
    case 'connect':
      return toText(value, 1_000, 1, type);
    case 'microseconds':
      return toText(value, 1, 1, type);
    case 'nanoseconds':
      return toText(value, 1, 1_000, type);
    case 'adaptive':
      return toText(value, isMillis ? 1_000 : 1, 1, type);
    case 'adaptive_time_microseconds':
      return toText(value, isMillis && type.kind === 'timestamp' ? 1_000 : 1, 1, type);
    default:
      return refuse(
        value,
        type,
        'the unit of the number is not known',
        `${TELL}millrace.source.time.precision.mode (what time.precision.mode is at the source; its default is adaptive)`,
      );
  }
}

function fromBoolean(value: boolean, type: ColumnType): string {
  switch (type.kind) {
    case 'boolean':
    case 'text':
    case 'json':
      return String(value);
    case 'bits':
      return value ? '1' : '0';
    default:
      return refuse(value, type);
  }
}

function fromObject(
  value: unknown,
  type: ColumnType,
  hints: SourceHints,
  isEnvelope: boolean,
): string {
  if (type.kind === 'json') return jsonColumnText(value);
  if (value instanceof Uint8Array) return bytesText(value, type);
  if (value instanceof Decimal) return decimalText(value, type);
  if (value instanceof Date) return epochText(value, 1_000, 1, type);
  if (type.kind === 'text' || type.kind === 'vector') return plainText(jsonColumnText(value), type);
  if (type.kind === 'array' && type.element !== null)
    return arrayText(value, looseEncoder(type.element, hints, isEnvelope));
  if (type.kind === 'hstore') return hstoreText(value, type);
  if (type.kind === 'numeric' && isStruct(value)) return variableScaleText(value, type);
  if (type.kind === 'geometry' || type.kind === 'point') return geometryText(value, type);
  return refuse(value, type);
}

function geometryText(value: unknown, type: ColumnType): string {
  const x = fieldOf(value, 'x');
  const y = fieldOf(value, 'y');
  if (type.kind === 'point' && typeof x === 'number' && typeof y === 'number')
    return `(${Object.is(x, -0) ? '-0' : x},${Object.is(y, -0) ? '-0' : y})`;
  const wkb = fieldOf(value, 'wkb');
  const bytes = typeof wkb === 'string' ? Buffer.from(wkb, 'base64') : wkb;
  return type.kind === 'geometry' && bytes instanceof Uint8Array
    ? bytesText(bytes, type)
    : refuse(value, type, 'the fields x and y, or wkb, are expected');
}
