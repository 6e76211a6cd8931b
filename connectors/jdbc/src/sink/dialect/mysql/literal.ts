import { refuse } from '../../values/plain-text.ts';
import type { ColumnType } from '../../write/table.ts';
import { characterCount, quoteText } from './names.ts';

/**
 * Text of a value to its SQL literal. What stands outside of quotes is checked to be what it seems. What strict mode
 * lets through with a change (rounding, padding, an enumeration's number) is refused here (INV-8).
 */
export type Literal = (text: string) => string;

const WHOLE = /^[+-]?\d{1,20}$/;
const DECIMAL = /^[+-]?\d+(\.\d*)?$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^-?\d{2,3}:\d{2}(:\d{2}(\.\d+)?)?$/;
const HEX = /^\\x((?:[\da-f]{2})*)$/i;
const RANGE_HINT =
  'MySQL and MariaDB have years from 0 to 9999 and no infinity: make the target column text, or map the value by a transform';

export function literalFor(type: ColumnType): Literal {
  switch (type.kind) {
    case 'integer':
      return (text) => (WHOLE.test(text) ? text : refuse(text, type, 'a whole number is expected'));
    case 'numeric':
      return (text) => numericLiteral(text, type);
    case 'float':
      return (text) => floatLiteral(text, type);
    case 'bits':
      return (text) =>
        /^[01]+$/.test(text) ? `b'${text}'` : refuse(text, type, 'bits are expected');
    case 'bytes':
      return (text) => bytesLiteral(text, type);
    case 'date':
      return (text) =>
        DATE.test(text) ? `'${text}'` : refuse(text, type, 'not a date', RANGE_HINT);
    case 'time':
      return (text) => (TIME.test(text) ? `'${text}'` : refuse(text, type, 'not a time'));
    case 'timestamp':
    case 'timestamptz':
      return (text) => instantLiteral(text, type);
    case 'year':
      return (text) => yearLiteral(text, type);
    case 'enum':
      return (text) =>
        type.members?.has(text) === true ? quoteText(text) : refuse(text, type, 'no such member');
    case 'set':
      return (text) => setLiteral(text, type);
    case 'json':
      return (text) => quoteText(exactJson(text, type));
    case 'vector':
      return (text) => `${type.castName}(${quoteText(text)})`;
    default:
      return type.kind === 'text' ? (text) => textLiteral(text, type) : quoteText;
  }
}

function numericLiteral(text: string, type: ColumnType): string {
  if (DECIMAL.test(text)) return text;
  // In quotes an exponent stays exact; bare it would be a floating point number.
  if (NUMBER.test(text)) return `'${text}'`;
  return refuse(
    text,
    type,
    'not a number, or one that MySQL and MariaDB have none for (NaN, Infinity)',
  );
}

function floatLiteral(text: string, type: ColumnType): string {
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

function bytesLiteral(text: string, type: ColumnType): string {
  const hex = HEX.exec(text)?.[1];
  if (hex === undefined) return refuse(text, type, 'bytes are expected');
  if (type.isPadded === true && hex.length / 2 < (type.lengthMax ?? 0))
    return refuse(
      text,
      type,
      `${hex.length / 2} bytes would be filled up with zeros`,
      'make the target column varbinary',
    );
  return `x'${hex}'`;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(:\d{2}(?:\.\d+)?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?$/;

/** The session is in UTC, so every time is written as of there. */
function instantLiteral(text: string, type: ColumnType): string {
  const match = INSTANT.exec(text);
  if (match === null) return refuse(text, type, 'not a time', RANGE_HINT);
  const [, date = '', hours = '', minutes = '', rest = ':00', sign, zoneHours, zoneMinutes] = match;
  const shift = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * (sign === '-' ? -1 : 1);
  if (shift === 0) return `'${date} ${hours}:${minutes}${rest}'`;
  const moved = new Date(Date.parse(`${date}T${hours}:${minutes}:00Z`) - shift * 60_000);
  if (Number.isNaN(moved.getTime())) return refuse(text, type, 'not a time');
  const iso = moved.toISOString();
  if (!/^\d{4}-/.test(iso)) return refuse(text, type, 'not a time', RANGE_HINT);
  return `'${iso.slice(0, 10)} ${iso.slice(11, 16)}${rest}'`;
}

/** Two digits would become a year of 1970 to 2069. */
function yearLiteral(text: string, type: ColumnType): string {
  if (/^0+$/.test(text)) return `'0000'`;
  const year = Number(text);
  return /^\d{4}$/.test(text) && year >= 1901 && year <= 2155
    ? `'${text}'`
    : refuse(
        text,
        type,
        `${text} is not a year of 1901 to 2155`,
        'make the target column smallint',
      );
}

/** A number that is no member would be taken as the place of one. */
function setLiteral(text: string, type: ColumnType): string {
  if (text !== '')
    for (const part of text.split(','))
      if (type.members?.has(part) !== true) refuse(text, type, `"${part}" is no member`);
  return quoteText(text);
}

/** Blanks at the end are cut without a word by char(n), and with a note by varchar(n). */
function textLiteral(text: string, type: ColumnType): string {
  if (text.endsWith(' ') && type.isPadded === true) {
    const isFilled = characterCount(text) === type.lengthMax;
    if (!isFilled)
      return refuse(
        text,
        type,
        'the blanks at its end would be cut',
        'make the target column varchar',
      );
  }
  return quoteText(text);
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
