import { refuse } from '../../values/plain-text.ts';
import type { ColumnType } from '../../write/table.ts';
import { characterCount } from './names.ts';

/**
 * Text of a value to the text that stands for it in a column, checked to be what it seems; what strict mode lets through
 * with a change (rounding, padding, an enumeration's number) is refused (INV-8). `literal.ts` and `load-text.ts` make
 * statements and files of it. Binary values are hexadecimal digits, bits are binary digits.
 */
export type ColumnText = (text: string) => string;

const WHOLE = /^[+-]?\d{1,20}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^-?\d{2,3}:\d{2}(:\d{2}(\.\d+)?)?$/;
const HEX = /^\\x((?:[\da-f]{2})*)$/i;
const RANGE_HINT =
  'MySQL and MariaDB have years from 0 to 9999 and no infinity: make the target column text, or map the value by a transform';

export function columnTextFor(type: ColumnType): ColumnText {
  switch (type.kind) {
    case 'integer':
      return (text) => (WHOLE.test(text) ? text : refuse(text, type, 'a whole number is expected'));
    case 'numeric':
      return (text) => numericText(text, type);
    case 'float':
      return (text) => floatText(text, type);
    case 'bits':
      return (text) => (/^[01]+$/.test(text) ? text : refuse(text, type, 'bits are expected'));
    case 'bytes':
      return (text) => bytesText(text, type);
    case 'date':
      return (text) => (DATE.test(text) ? text : refuse(text, type, 'not a date', RANGE_HINT));
    case 'time':
      return (text) => (TIME.test(text) ? text : refuse(text, type, 'not a time'));
    case 'timestamp':
    case 'timestamptz':
      return (text) => instantText(text, type);
    case 'year':
      return (text) => yearText(text, type);
    case 'enum':
      return (text) =>
        type.members?.has(text) === true ? text : refuse(text, type, 'no such member');
    case 'set':
      return (text) => setText(text, type);
    case 'json':
      return (text) => exactJson(text, type);
    default:
      return type.kind === 'text' && type.isPadded === true
        ? (text) => unpaddedText(text, type)
        : (text) => text;
  }
}

function numericText(text: string, type: ColumnType): string {
  if (NUMBER.test(text)) return text;
  return refuse(
    text,
    type,
    'not a number, or one that MySQL and MariaDB have none for (NaN, Infinity)',
  );
}

function floatText(text: string, type: ColumnType): string {
  if (!NUMBER.test(text))
    return refuse(
      text,
      type,
      'not a number, or one that MySQL and MariaDB have none for (NaN, Infinity)',
    );
  if (type.floatBytes === 4 && !isSingle(Number(text)))
    return refuse(
      text,
      type,
      `${text} has more digits than 4 bytes hold`,
      'make the column double',
    );
  return text;
}

/** Whether a number is one of 4 bytes, or the shortest way to write one. */
function isSingle(number: number): boolean {
  const single = Math.fround(number);
  if (single === number || !Number.isFinite(single)) return true; // too large: the server says so
  for (let digits = 6; digits <= 9; digits++) {
    const shortest = Number(single.toPrecision(digits));
    if (Math.fround(shortest) === single) return shortest === number;
  }
  return false;
}

function bytesText(text: string, type: ColumnType): string {
  const hex = HEX.exec(text)?.[1];
  if (hex === undefined) return refuse(text, type, 'bytes are expected');
  if (type.isPadded === true && hex.length / 2 < (type.lengthMax ?? 0))
    return refuse(
      text,
      type,
      `${hex.length / 2} bytes would be filled up with zeros`,
      'make the target column varbinary',
    );
  return hex;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(:\d{2}(?:\.\d+)?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?$/;

/** The session is in UTC, so every time is written as of there. */
function instantText(text: string, type: ColumnType): string {
  const match = INSTANT.exec(text);
  if (match === null) return refuse(text, type, 'not a time', RANGE_HINT);
  const [, date = '', hours = '', minutes = '', rest = ':00', sign, zoneHours, zoneMinutes] = match;
  const shift = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * (sign === '-' ? -1 : 1);
  if (shift === 0) return `${date} ${hours}:${minutes}${rest}`;
  const moved = new Date(Date.parse(`${date}T${hours}:${minutes}:00Z`) - shift * 60_000);
  if (Number.isNaN(moved.getTime())) return refuse(text, type, 'not a time');
  const iso = moved.toISOString();
  if (!/^\d{4}-/.test(iso)) return refuse(text, type, 'not a time', RANGE_HINT);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${rest}`;
}

/** Two digits would become a year of 1970 to 2069. */
function yearText(text: string, type: ColumnType): string {
  if (/^0+$/.test(text)) return '0000';
  const year = Number(text);
  return /^\d{4}$/.test(text) && year >= 1901 && year <= 2155
    ? text
    : refuse(
        text,
        type,
        `${text} is not a year of 1901 to 2155`,
        'make the target column smallint',
      );
}

/** A number that is no member would be taken as the place of one. */
function setText(text: string, type: ColumnType): string {
  if (text !== '')
    for (const part of text.split(','))
      if (type.members?.has(part) !== true) refuse(text, type, `"${part}" is no member`);
  return text;
}

/** Blanks at the end are cut without a word by char(n); varchar(n) tells of it. */
function unpaddedText(text: string, type: ColumnType): string {
  if (text.endsWith(' ') && characterCount(text) !== type.lengthMax)
    return refuse(
      text,
      type,
      'the blanks at its end would be cut',
      'make the target column varchar',
    );
  return text;
}

/** The numbers of MySQL's JSON are 64-bit integers and doubles; more digits would be lost. */
function exactJson(text: string, type: ColumnType): string {
  if (!/\d[\d.]{15}/.test(text)) return text;
  const tokens = text
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g);
  for (const token of tokens ?? []) {
    if (token.length < 16) continue;
    const isKept = /^-?\d+$/.test(token)
      ? BigInt(token) >= -(2n ** 63n) && BigInt(token) < 2n ** 64n
      : digitsOf(String(Number(token))) === digitsOf(token);
    if (!isKept)
      refuse(
        text,
        type,
        `the number ${token.slice(0, 60)} in it has more digits than the server's JSON keeps`,
        'make the target column longtext',
      );
  }
  return text;
}

function digitsOf(number: string): string {
  const [mantissa = ''] = number.toLowerCase().split('e');
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}
